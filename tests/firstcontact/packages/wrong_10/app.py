import helpdesk

app = helpdesk.app
