"""What the commands print. Standard output carries only results, standard error the rest."""
