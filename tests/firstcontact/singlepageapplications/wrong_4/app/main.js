const parts = location.pathname.split("/").filter(part => part)
const url = parts[0] === "teams" && parts[1] ? `/api/teams/${parts[1]}` : "/api/teams"
fetch(url).then(response => response.json()).then(data => {
  const h1 = document.createElement("h1")
  h1.textContent = [].concat(data).map(team => team.name || team.error).join(", ")
  document.querySelector("main").append(h1)
})
