#ifndef LOGEXPORT_SERVICE_BASE_CONNECTION_ACCEPTOR_H_
#define LOGEXPORT_SERVICE_BASE_CONNECTION_ACCEPTOR_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include <sys/types.h>

#include "service/base/listening_socket.h"
#include "service/base/mutex.h"

namespace logexport {

// How many connections are held open at a time.
struct ConnectionLimits {
  std::size_t connections = 0;
  // From one address, so that one host cannot keep the others out.
  std::size_t from_one_address = 0;
};

// Raises the process's limit on open files as far as it may, and answers the limits that leave
// enough of it to everything else: outgoing requests, the store, the log.
ConnectionLimits LimitsForThisProcess();

// Accepts connections and hands them on. gRPC 1.51 accepts by itself, but without a limit, and once
// the process has run out of descriptors it never accepts again (CVE-2023-4785). This one closes
// what is beyond the limits at once, and after a shortage goes on.
class ConnectionAcceptor {
 public:
  // Takes over a connected, non-blocking socket. Called by the acceptor's thread.
  using Handler = std::function<void(int listener, int connection)>;

  ConnectionAcceptor(ListeningSockets listening, ConnectionLimits limits, Handler handler);
  // Closes the listening sockets; connections that were handed on are left alone.
  ~ConnectionAcceptor();
  ConnectionAcceptor(const ConnectionAcceptor&) = delete;
  ConnectionAcceptor& operator=(const ConnectionAcceptor&) = delete;

  // Connects as a client does, from this host, and tells whether the connection is taken within
  // `limit`. It does not count against the limits and is not handed on. Thread-safe.
  bool Reachable(absl::Duration limit);

 private:
  // A connection that was handed on, and is somebody else's to close.
  struct Open {
    int fd;
    ino_t inode;
    std::string host;
  };

  void Run();
  void AcceptAll(int listener);
  void Take(int listener, OwnedDescriptor connection);
  // Forgets connections that have been closed, if it has not just been done.
  void ForgetClosed();
  bool Full(const std::string& host) const;

  const ListeningSockets listening_;
  const ConnectionLimits limits_;
  const Handler handler_;
  const OwnedDescriptor stop_;

  // The acceptor's thread alone uses these.
  std::vector<Open> open_;
  absl::flat_hash_map<std::string, std::size_t> from_;
  absl::Duration swept_ = -absl::InfiniteDuration();
  absl::Duration complained_ = -absl::InfiniteDuration();
  std::size_t turned_away_ = 0;

  Mutex mutex_;
  CondVar probed_;
  // Where the probe under way comes from; empty when there is none or it has arrived.
  std::string probe_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_CONNECTION_ACCEPTOR_H_
