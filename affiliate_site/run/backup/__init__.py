"""The whole site in one file, and back: the database, the files of the media folder, and the keys."""
