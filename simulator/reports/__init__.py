"""Reports: what a run found, as plots, pages, folders and sentences. They pick and draw; they count nothing anew."""
