const app = document.getElementById("app");

async function show() {
  const match = location.pathname.match(/^\/songs\/(\d+)$/);
  if (match) {
    const response = await fetch(`/api/songs/${match[1]}`);
    if (!response.ok) {
      app.textContent = "There is no such song.";
      return;
    }
    const song = await response.json();
    app.innerHTML = "<h1></h1><p></p>";
    app.querySelector("h1").textContent = song.title;
    app.querySelector("p").textContent = `Key: ${song.key}`;
  } else {
    const songs = await (await fetch("/api/songs")).json();
    app.innerHTML = "<h1>Songs</h1><ul></ul>";
    for (const song of songs) {
      const a = document.createElement("a");
      a.href = `/songs/${song.id}`;
      a.textContent = song.title;
      app.querySelector("ul").appendChild(document.createElement("li")).append(a);
    }
  }
}

show();
