#ifndef LOGEXPORT_TESTS_CHAOS_NETWORK_LINK_H_
#define LOGEXPORT_TESTS_CHAOS_NETWORK_LINK_H_

#include <array>
#include <functional>
#include <list>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"

#include "service/base/mutex.h"

namespace logexport {

// The network between one client and one server on loopback: a port that leads to the server's.
// What is held back on it arrives later, as over a network that was cut and is whole again, even
// when the client has long given up. The client must not use TLS. Thread-safe.
class NetworkLink {
 public:
  enum class Way { kToServer, kToClient };

  // Port 0: to nobody, who takes no connections.
  explicit NetworkLink(int server_port);
  ~NetworkLink();
  NetworkLink(const NetworkLink&) = delete;
  NetworkLink& operator=(const NetworkLink&) = delete;

  int port() const { return port_; }
  // Ends what is open, and leads to this port from now on.
  void LeadTo(int server_port);
  // Lets nothing through that way, or does again. Connections are made meanwhile, and say nothing.
  void Hold(Way way, bool hold);
  // Ends all connections that are open now.
  void Cut();
  // Ends so many connections from now on when the server has committed, without telling the client.
  void LoseCommitAnswers(int number);
  // How many are still to be lost.
  int commit_answers_to_lose() const;

 private:
  static constexpr std::size_t kClient = 0;
  static constexpr std::size_t kServer = 1;
  struct Connection {
    std::array<int, 2> fds = {-1, -1};
    std::array<std::string, 2> read;  // from that side, and not written to the other yet
    std::array<bool, 2> ended = {false, false};
    bool broken = false;
  };

  void Order(const std::function<void()>& change);
  void Carry(const std::stop_token& stop);
  void Accept();
  bool Held(std::size_t side) const;
  // Which events of a side matter now.
  short Wanted(const Connection& connection, std::size_t side) const;
  void Move(Connection& connection, std::size_t side);
  static void Close(const Connection& connection);

  int listener_ = -1;
  int wake_ = -1;
  int port_ = 0;

  mutable Mutex mutex_;
  int server_port_ ABSL_GUARDED_BY(mutex_);
  std::array<bool, 2> held_ ABSL_GUARDED_BY(mutex_) = {false, false};  // what that side says
  bool cut_ ABSL_GUARDED_BY(mutex_) = false;
  int answers_to_lose_ ABSL_GUARDED_BY(mutex_) = 0;

  std::list<Connection> connections_;  // of the thread
  std::jthread thread_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CHAOS_NETWORK_LINK_H_
