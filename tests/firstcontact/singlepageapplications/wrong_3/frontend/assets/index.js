const response = await fetch("/api/recipes")
const h1 = document.createElement("h1")
h1.textContent = (await response.json()).map(recipe => recipe.title).join(", ")
document.querySelector("main").append(h1)
