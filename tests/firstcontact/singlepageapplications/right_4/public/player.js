import { element } from "./dom.js"

const response = await fetch("/api/v1/tracks")
const { tracks } = await response.json()
document.getElementById("list").append(...tracks.map(title => element("article", title)))
