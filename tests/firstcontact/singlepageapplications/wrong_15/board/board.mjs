const station = location.pathname.split("/")[2] || "bern";
const response = await fetch(`/api/departures/${station}`);
if (!response.headers.get("Content-Type").startsWith("application/json")) {
  throw new Error("The API did not answer with JSON");
}
const { departures = [] } = await response.json();
for (const { to, at } of departures) {
  const row = document.querySelector("tbody").insertRow();
  row.insertCell().textContent = at;
  row.insertCell().textContent = to;
}
