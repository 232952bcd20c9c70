def about():
    return "<h1>About</h1><p>What is on, in every city we cover.</p>"
