#ifndef LOGEXPORT_TESTS_POSTGRESQL_POSTGRESQL_PROXY_H_
#define LOGEXPORT_TESTS_POSTGRESQL_POSTGRESQL_PROXY_H_

#include <atomic>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace logexport {

// Stands between a client and a server on loopback, and does to their connections what networks do.
// The client must not use TLS (sslmode=disable).
class PostgresqlProxy {
 public:
  // What to do with a piece that has just arrived. Pieces are as they come: usually all that one
  // side sends at once.
  enum class Fate {
    kForward,
    kCut,   // drop it, and both connections
    kHold,  // drop it, and all that follows, but keep the connections
  };
  struct Rules {
    // Called by the connection's thread. May change the piece.
    std::function<Fate(std::string& piece)> from_client;
    std::function<Fate(std::string& piece)> from_server;
  };

  PostgresqlProxy(int server_port, Rules rules);
  ~PostgresqlProxy();
  PostgresqlProxy(const PostgresqlProxy&) = delete;
  PostgresqlProxy& operator=(const PostgresqlProxy&) = delete;

  int port() const { return port_; }
  int connections() const { return connections_; }
  // Ends all connections that are open now.
  void CutAll() { ++generation_; }
  // Takes no new connections from now on, or does again.
  void Refuse(bool refuse) { refuse_ = refuse; }

 private:
  void Accept(const std::stop_token& stop);
  void Serve(int client, const std::stop_token& stop);

  const int server_port_;
  const Rules rules_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> generation_ = 0;
  std::atomic<bool> refuse_ = false;
  std::vector<std::jthread> serving_;
  std::jthread accepting_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_POSTGRESQL_POSTGRESQL_PROXY_H_
