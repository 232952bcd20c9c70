const base = new URL(document.baseURI);
const main = document.querySelector("main");

async function show() {
  const route = location.pathname.slice(base.pathname.length);
  main.innerHTML = "<h1>Tasks</h1>";
  const one = route.match(/^task\/(\d+)$/);
  const data = await (await fetch(new URL(one ? `api/tasks/${one[1]}` : "api/tasks", base))).json();
  for (const task of [data].flat()) {
    const link = main.appendChild(document.createElement("a"));
    link.href = `task/${task.id}`;
    link.textContent = task.title;
  }
}

show();
