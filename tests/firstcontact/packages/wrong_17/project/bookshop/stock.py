BOOKS = {
    "9780141439518": ("Pride and Prejudice", 4),
    "9780140449136": ("Crime and Punishment", 6),
}
