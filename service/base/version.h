#ifndef LOGEXPORT_SERVICE_BASE_VERSION_H_
#define LOGEXPORT_SERVICE_BASE_VERSION_H_

namespace logexport {

// As in the build's project version; a test holds them against each other.
inline constexpr char kServiceVersion[] = "0.1.0";

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_VERSION_H_
