(async function () {
  const main = document.querySelector("main");
  const heading = main.appendChild(document.createElement("h1"));
  const path = location.pathname.split("/").filter(Boolean);
  heading.textContent = path.length ? path.join(" / ") : "Weather";
  if (path[0] === "city" && path[1]) {
    const response = await fetch("/api/cities/" + encodeURIComponent(path[1]));
    const data = await response.json();
    heading.textContent = response.ok ? `${data.name}: ${data.temperature} °C` : data.message;
  }
})();
