"""The version, as in CMakeLists.txt; layout_test holds the two together."""

LOGEXPORT_VERSION = "0.1.0"
