const wurzel = new URL(document.baseURI);
const main = document.querySelector("main");

async function holen(weg) {
  const antwort = await fetch(new URL(`schnittstelle/${weg}`, wurzel));
  return antwort.ok ? antwort.json() : null;
}

async function zeigen() {
  const weg = location.pathname.slice(wurzel.pathname.length);
  const treffer = weg.match(/^person\/(\d+)/);
  main.replaceChildren(document.createElement("h1"));
  if (treffer) {
    const person = await holen(`personen/${treffer[1]}`);
    main.firstChild.textContent = person ? `${person.name}, ${person.ort}` : "Unbekannt";
    return;
  }
  main.firstChild.textContent = "Alle Personen";
  for (const [i, person] of (await holen("personen")).entries()) {
    const a = main.appendChild(document.createElement("a"));
    a.href = `person/${i + 1}`;
    a.textContent = person.name;
  }
}

zeigen();
