"""What watches answers without taking part in them: the log, the metrics and the traces."""
