v2 b 0 1
.control
shell touch @OUTSIDE@x
.endc
