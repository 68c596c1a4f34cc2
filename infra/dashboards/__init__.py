"""What pages there are: panels that say what they show (``panel``, ``*_page``), and constructs."""
