const main = document.querySelector("main");

function element(name, text, parent = main) {
  const e = document.createElement(name);
  e.textContent = text;
  return parent.appendChild(e);
}

async function route() {
  main.replaceChildren();
  const [, section, name] = location.pathname.split("/");
  if (section === "domains" && name) {
    element("h1", name);
    const { records = [] } = await (await fetch(`/api/v1/domains/${name}`)).json();
    for (const [type, value] of records) element("p", `${type} ${value}`);
  } else {
    element("h1", "Domains");
    for (const domain of await (await fetch("/api/v1/domains")).json()) {
      element("a", domain).href = `/domains/${domain}`;
    }
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  route();
});
window.addEventListener("popstate", route);
route();
