"""What operators do: the service layer under the HTTP API and the command line, over ports only."""
