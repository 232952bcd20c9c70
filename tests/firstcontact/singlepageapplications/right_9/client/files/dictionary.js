const page = document.querySelector("section");
const word = decodeURIComponent(location.pathname.slice(1));

function line(text) {
  page.appendChild(document.createElement("p")).textContent = text;
}

line(word || "Λεξικό");
fetch(word ? `/api/v2/words/${encodeURIComponent(word)}` : "/api/v2/words")
  .then((response) => response.json())
  .then((data) => {
    if (Array.isArray(data)) data.forEach(line);
    else line(data["μετάφραση"] ?? data["σφάλμα"]);
  });
