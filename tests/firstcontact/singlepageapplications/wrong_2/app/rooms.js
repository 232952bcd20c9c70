fetch("/api/rooms").then(response => {
  if (!response.ok) throw new Error(response.status)
  return response.json()
}).then(rooms => {
  for (const room of rooms) {
    const h2 = document.createElement("h2")
    h2.textContent = `${room.name} (${room.seats})`
    document.querySelector("main").append(h2)
  }
})
