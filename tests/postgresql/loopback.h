#ifndef LOGEXPORT_TESTS_POSTGRESQL_LOOPBACK_H_
#define LOGEXPORT_TESTS_POSTGRESQL_LOOPBACK_H_

#include <netinet/in.h>

namespace logexport {

// Sockets on loopback, for what stands between a client and a server in a test.

sockaddr_in LoopbackAddress(int port);

struct LoopbackListener {
  int fd = -1;  // whoever gets it closes it
  int port = 0;
};
// Listens on a free port. `flags` are further ones of socket(2), such as SOCK_NONBLOCK. Ends the
// process where that cannot be done.
LoopbackListener ListenOnLoopback(int flags = 0);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_POSTGRESQL_LOOPBACK_H_
