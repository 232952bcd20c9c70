const lies = id => JSON.parse(document.getElementById(id).textContent);
const zeige = werte => {
  document.getElementById("tafel").replaceChildren(...werte.map(w => {
    const tr = document.createElement("tr");
    tr.append(w.ort, " ", w.grad);
    return tr;
  }));
};
zeige(lies("messwerte").liste);
document.getElementById("neu").onclick = async () => console.log(await (await fetch(lies("pfad"))).json());
