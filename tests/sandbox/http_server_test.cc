#include "tests/sandbox/http/http_server.h"

#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sandbox/sandbox_client.h"
#include "tests/support/await.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tls_identity.h"

namespace logexport::sandbox {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Answers with what it was asked, so that tests see how a request was read.
class EchoHandler final : public HttpHandler {
 public:
  HttpResponse Handle(const HttpRequest& request) override {
    ++handled;
    HttpResponse response =
        TextResponse(200, absl::StrCat(request.method, "|", request.path, "|", request.query, "|",
                                       request.Header("X-Test"), "|", request.body));
    return response;
  }
  void Finished(const HttpResponse& /*response*/) override { ++finished; }

  int handled = 0;
  int finished = 0;
};

class HttpServerTest : public ::testing::Test {
 protected:
  std::string Exchange(absl::string_view bytes) {
    bool closed = false;
    return RawExchange(server_->port(), bytes, &closed);
  }

  EchoHandler handler_;
  std::unique_ptr<HttpServer> server_ = *HttpServer::Start({}, &handler_);
};

TEST_F(HttpServerTest, ReadsPathQueryHeadersAndBody) {
  EXPECT_THAT(Exchange("POST /a%7Cb?x=1 HTTP/1.1\r\nx-tEst:  value \r\nContent-Length: 4\r\n"
                       "Connection: close\r\n\r\nbody"),
              HasSubstr("\r\n\r\nPOST|/a%7Cb|x=1|value|body"));
}

TEST_F(HttpServerTest, ReadsChunkedBodies) {
  EXPECT_THAT(Exchange("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                       "3\r\nabc\r\n10;ext=1\r\n0123456789abcdef\r\n0\r\n\r\n"),
              HasSubstr("|abc0123456789abcdef"));
}

TEST_F(HttpServerTest, AnswersRequestsSentTogetherInTheirOrder) {
  const std::string received = Exchange(
      "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi"
      "GET /3 HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::size_t first = received.find("GET|/1");
  const std::size_t second = received.find("POST|/2|||hi");
  const std::size_t third = received.find("GET|/3");
  ASSERT_NE(third, std::string::npos) << received;
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  server_.reset();
  EXPECT_EQ(handler_.handled, 3);
  EXPECT_EQ(handler_.finished, 3);
}

TEST_F(HttpServerTest, KeepsTheConnectionUnlessToldOtherwise) {
  bool closed = true;
  RawExchange(server_->port(), "GET / HTTP/1.1\r\n\r\n", &closed, absl::Milliseconds(200));
  EXPECT_FALSE(closed);
  EXPECT_THAT(Exchange("GET / HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServerTest, AsksForABodyThatWaitsForIt) {
  bool closed = false;
  EXPECT_EQ(RawExchange(server_->port(),
                        "POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
                        &closed, absl::Milliseconds(300)),
            "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_F(HttpServerTest, ClosesWhatIsNotHttp) {
  for (const char* bytes :
       {"nonsense\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"}) {
    bool closed = false;
    EXPECT_EQ(RawExchange(server_->port(), bytes, &closed), "") << bytes;
    EXPECT_TRUE(closed) << bytes;
  }
}

TEST_F(HttpServerTest, TakesLargeBodies) {
  const std::string body(3'000'000, 'x');
  const HttpReply reply = HttpPost(absl::StrCat("http://127.0.0.1:", server_->port()), "/", body);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body.size(), body.size() + std::string("POST|/|||").size());
  EXPECT_GE(server_->counters().bytes_in, body.size());
  // Counted once all of it was sent, which the client may know first.
  EXPECT_TRUE(Await([&] { return server_->counters().bytes_out >= body.size(); }));
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  Listener::Options taken;
  taken.port = server_->port();
  EXPECT_THAT(HttpServer::Start(taken, &handler_),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("Address already in use")));
  Listener::Options nowhere;
  nowhere.host = "here";
  EXPECT_THAT(HttpServer::Start(nowhere, &handler_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'here'")));
  Listener::Options no_certificate;
  no_certificate.tls_certificate = "/no/such.pem";
  EXPECT_THAT(HttpServer::Start(no_certificate, &handler_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/no/such.pem")));
}

TEST(HttpServerTlsTest, ServesLargePagesAndBatchesOverTls) {
  const TlsIdentity identity = MakeTlsIdentity();
  SandboxOptions options = WithLogs(500);
  const TempDirectory directory;
  options.listen.tls_certificate = directory.File("cert.pem");
  options.listen.tls_key = directory.File("key.pem");
  WriteFile(options.listen.tls_certificate, identity.certificate);
  WriteFile(options.listen.tls_key, identity.key);
  const auto sandbox = StartSandbox(options);
  EXPECT_THAT(sandbox->url(), StartsWith("https://"));
  const HttpHeaders token = Authorize(*sandbox);
  const HttpReply page = GetApi(*sandbox, "logs?take=100", token);
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(IdsIn(page.body), sandbox->LogIds(0, 100));
  EXPECT_THAT(page.headers.at("link"), StartsWith("<https://"));
  const std::vector<std::string> events(2'000, GoodEvent("1"));
  EXPECT_EQ(PostBatch(*sandbox, Batch(events)).status, 200);
  EXPECT_EQ(sandbox->stats().events_accepted, 2'000);
}

}  // namespace
}  // namespace logexport::sandbox
