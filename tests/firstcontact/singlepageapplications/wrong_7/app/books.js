const h1 = document.createElement("h1")
h1.textContent = location.pathname === "/" ? "Reading list" : `Book ${location.pathname}`
document.querySelector("main").append(h1)
