# find_package(logexport): the target logexport::client, the library that steers the service.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
# Debian 12 has no CMake package of protobuf's own; where there is one, it is the one to take.
find_package(Protobuf CONFIG QUIET)
if(NOT TARGET protobuf::libprotobuf)
  find_dependency(Protobuf MODULE)
endif()
find_dependency(gRPC CONFIG)
find_dependency(absl CONFIG)
include(${CMAKE_CURRENT_LIST_DIR}/logexportTargets.cmake)
