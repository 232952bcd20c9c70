// Where the application is mounted is the server's to say.
const main = document.getElementById("app");
const root = main.dataset.root;

async function show() {
  const path = location.pathname.slice(root.length);
  const response = await fetch(`${root}api/status`);
  const { status } = await response.json();
  const title = document.createElement("h1");
  title.textContent = path ? `Page ${decodeURIComponent(path)}` : "Home";
  const line = document.createElement("p");
  line.textContent = `The server is ${status}.`;
  main.replaceChildren(title, line);
}

addEventListener("popstate", show);
show();
