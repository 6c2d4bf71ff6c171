(process_file=
