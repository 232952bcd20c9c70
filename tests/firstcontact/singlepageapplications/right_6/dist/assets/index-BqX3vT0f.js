const root = document.getElementById("root");
async function render() {
  const [section, slug] = location.pathname.split("/").filter(Boolean);
  if (section === "games" && slug) {
    const r = await fetch(`/api/games/${slug}`);
    const { data } = await r.json();
    root.innerHTML = "<h1></h1>";
    root.firstChild.textContent = data ? data.name : "No such game";
  } else if (!section || section === "games") {
    const { data } = await (await fetch("/api/games")).json();
    root.innerHTML = "<h1>Games</h1><ul></ul>";
    for (const g of data) {
      const a = document.createElement("a");
      a.href = `/games/${g.slug}`;
      a.textContent = g.name;
      root.lastChild.appendChild(document.createElement("li")).append(a);
    }
  } else {
    root.innerHTML = "<h1>Nothing here</h1>";
  }
}
document.addEventListener("click", (e) => {
  if (e.target.tagName !== "A") return;
  e.preventDefault();
  history.pushState({}, "", e.target.href);
  render();
});
addEventListener("popstate", render);
render();
