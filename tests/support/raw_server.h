#ifndef LOGEXPORT_TESTS_SUPPORT_RAW_SERVER_H_
#define LOGEXPORT_TESTS_SUPPORT_RAW_SERVER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "tests/support/tls_identity.h"

namespace logexport {

// A request as it came over the wire.
struct RawRequest {
  std::string head;  // request line and header lines, with the empty line that ends them
  std::string body;

  // "GET /path HTTP/1.1".
  absl::string_view Line() const;
  // The value of the first header of that name (in any case), or an empty view.
  absl::string_view Header(absl::string_view name) const;
};

// The server's end of one connection, for the script that plays on it. Every blocking call returns
// (as if the peer had gone) when the server is destroyed. One thread.
class RawConnection {
 public:
  virtual ~RawConnection() = default;

  // The next request, its body read by Content-Length; nothing when the peer has closed.
  virtual std::optional<RawRequest> ReadRequest() = 0;

  // Sends all of `bytes`; false when the peer is gone.
  virtual bool Send(absl::string_view bytes) = 0;

  // Blocks until the peer closes, discarding what it sends.
  virtual void WaitForPeerToClose() = 0;

  // Blocks for `duration` of real time or until the server is destroyed; false in that case. Only
  // for what is slow by definition, such as a drip.
  virtual bool Pause(absl::Duration duration) = 0;

  // Ends the connection with a FIN, or with an RST that also discards what is not delivered yet.
  // Returning from the script does the former.
  virtual void Close() = 0;
  virtual void Reset() = 0;
};

// What the server does on the `index`-th connection (from 0), in a thread of that connection.
using RawScript = std::function<void(RawConnection& connection, int index)>;

// A response with a Content-Length. `extra_headers` are complete lines.
std::string RawResponse(int status, absl::string_view body, absl::string_view extra_headers = "");

// Scripts for the usual faults. Each reads a request before it does what it says.
RawScript AnswerEach(std::string bytes);       // to every request, keeping the connection
RawScript AnswerThenClose(std::string bytes);  // FIN
RawScript AnswerThenReset(std::string bytes);  // RST; with "" before any answer
RawScript AnswerThenHang(std::string bytes);   // silence; with "" before any answer
RawScript AnswerThenDrip(std::string bytes, absl::Duration interval);  // then a byte per interval
RawScript AnswerThenFlood(std::string bytes, std::string chunk);       // `chunk` without end

// A TCP server on a free loopback port that plays scripts byte by byte: what a broken or hostile
// peer does and no HTTP library would. Thread-safe.
class RawServer {
 public:
  explicit RawServer(RawScript script) : RawServer(std::move(script), std::nullopt) {}
  // Speaks TLS as `identity`. The script starts when the handshake has succeeded.
  RawServer(RawScript script, std::optional<TlsIdentity> identity);
  // Ends all connections and joins their threads.
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }

  // http://127.0.0.1:PORT or https://localhost:PORT, followed by `path`.
  std::string Url(absl::string_view path = "/") const;

  // Connections accepted so far.
  int connections() const;

  // TLS handshakes so far that resumed an earlier session.
  int resumed_sessions() const;

  // Requests read so far by the scripts, in order.
  std::vector<RawRequest> requests() const;

  // Remembers no more requests from now on; for long runs.
  void StopRecording();

  // Blocks until there were `count` requests. Fails the test after a minute of real time.
  void WaitForRequests(std::size_t count) const;

 private:
  class Connection;
  struct TlsContext;

  void Accept();
  void Play(int fd, int index);
  void Record(const RawRequest& request);

  const RawScript script_;
  const std::unique_ptr<TlsContext> tls_;
  int port_ = 0;
  const int listener_;
  const int stop_event_;

  mutable Mutex mutex_;
  mutable CondVar requested_;
  std::vector<std::thread> players_ ABSL_GUARDED_BY(mutex_);
  std::vector<RawRequest> requests_ ABSL_GUARDED_BY(mutex_);
  int connections_ ABSL_GUARDED_BY(mutex_) = 0;
  bool recording_ ABSL_GUARDED_BY(mutex_) = true;
  int resumed_sessions_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread acceptor_;
};

// A loopback address where connecting neither succeeds nor fails: its queue is full and nobody
// takes from it.
class FullListener {
 public:
  FullListener();
  ~FullListener();
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;

  int port() const { return port_; }

 private:
  int port_ = 0;
  std::vector<int> sockets_;
};

// A loopback port that nothing listens on.
int UnusedPort();

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_RAW_SERVER_H_
