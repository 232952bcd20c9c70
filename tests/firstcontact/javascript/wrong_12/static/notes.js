document.querySelector("#clear").addEventListener("click", () => {
    fetch(notes_url, {method: "DELETE"}).then(response => {
        if (response.redirected) {
            window.location = response.url
        }
    })
})
