// TLS sessions that outlive the right to call.
#include <csignal>
#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/e2e/installation.h"
#include "tests/support/await.h"
#include "tests/support/service_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tls_identity.h"

namespace logexport {
namespace {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Freed<SSL_free>>;
using Session = std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>>;

// A client with a certificate that keeps what the service gives it to resume its session with.
class ResumingClient {
 public:
  // The files are PEM, of the client's certificate and key.
  ResumingClient(const std::string& certificate, const std::string& key)
      : context_(SSL_CTX_new(TLS_client_method())) {
    // OpenSSL writes to a connection that the service may have closed.
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context_.get(), certificate.c_str()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM), 1);
    SSL_CTX_set_session_cache_mode(context_.get(),
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_app_data(context_.get(), this);
    SSL_CTX_sess_set_new_cb(context_.get(), [](SSL* connection, SSL_SESSION* session) {
      auto* const self =
          static_cast<ResumingClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
      self->session_.reset(session);
      return 1;
    });
  }

  struct Attempt {
    bool served = false;  // the service spoke HTTP/2 to the client
    bool resumed = false;
  };
  // Connects, with the session kept from before if `resume`.
  Attempt Connect(const std::string& address, bool resume) {
    Attempt attempt;
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    const Connection connection(SSL_new(context_.get()));
    SSL_set_fd(connection.get(), fd);
    const unsigned char protocols[] = "\x02h2";
    SSL_set_alpn_protos(connection.get(), protocols, 3);
    if (resume && session_ != nullptr) SSL_set_session(connection.get(), session_.get());
    const std::string preface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
    char answer[256];
    // A certificate that is refused shows only with the first read.
    attempt.served =
        SSL_connect(connection.get()) == 1 &&
        SSL_write(connection.get(), preface.data(), static_cast<int>(preface.size())) > 0 &&
        SSL_read(connection.get(), answer, sizeof(answer)) > 0;
    attempt.resumed = attempt.served && SSL_session_reused(connection.get()) == 1;
    SSL_shutdown(connection.get());
    close(fd);
    return attempt;
  }

 private:
  const Context context_;
  Session session_;
};

TEST(TlsAttackTest, ASessionIsNotResumedOnceItsAuthorityIsGone) {
  TempDirectory directory;
  const auto file = [&](const std::string& name, const std::string& content) {
    WriteFile(directory.File(name), content);
    return directory.File(name);
  };
  const TlsIdentity server = MakeTlsIdentity();
  const TlsIdentity stays = MakeTlsIdentity();
  const TlsIdentity leaves = MakeTlsIdentity();
  const std::string authorities = file("clients.pem", stays.certificate + leaves.certificate);
  Installation installation({"--generate", "1"});
  const absl::StatusOr<std::unique_ptr<ServiceProcess>> service =
      ServiceProcess::Start(directory.File("state.db"), installation.environment(),
                            {"--tls-cert", file("server.pem", server.certificate), "--tls-key",
                             file("server.key", server.key), "--tls-client-ca", authorities});
  ASSERT_THAT(service, IsOk());
  const std::string& address = (*service)->address();

  ResumingClient leaving(file("leaves.pem", leaves.certificate), file("leaves.key", leaves.key));
  ResumingClient staying(file("stays.pem", stays.certificate), file("stays.key", stays.key));
  ASSERT_TRUE(leaving.Connect(address, false).served);
  ASSERT_TRUE(staying.Connect(address, false).served);

  WriteFile(authorities, stays.certificate);
  // What was given out before counts no more, for nobody.
  const ResumingClient::Attempt refused = leaving.Connect(address, true);
  EXPECT_FALSE(refused.served);
  const ResumingClient::Attempt welcome = staying.Connect(address, true);
  EXPECT_TRUE(welcome.served);
  EXPECT_FALSE(welcome.resumed) << "the keys of tickets change with the authorities";
}

}  // namespace
}  // namespace logexport
