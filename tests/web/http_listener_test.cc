// The listener with a handler of the test's: what reaches it, and what clients of every kind cost.
#include "service/web/http_listener.h"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/await.h"
#include "tests/support/gate.h"
#include "tests/support/http_client.h"
#include "tests/support/raw_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tls_identity.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Says what arrived.
void Echo(WebExchange& exchange) {
  const absl::StatusOr<std::string> body = exchange.ReadBody(100'000, absl::Seconds(60));
  WebResponse response;
  if (!body.ok()) {
    response.status = absl::IsResourceExhausted(body.status()) ? 413 : 400;
    return exchange.Respond(std::move(response));
  }
  response.body =
      absl::StrCat(exchange.request().method, " ", exchange.request().target, " [", *body, "]");
  exchange.Respond(std::move(response));
}

class HttpListenerTest : public ::testing::Test {
 protected:
  void Serve(WebHandler handler = Echo, HttpLimits limits = {}) {
    auto made = HttpListener::Listen("127.0.0.1:0", nullptr, std::move(handler), limits);
    ASSERT_THAT(made, IsOk());
    listener_ = *std::move(made);
  }
  // The first answer to these bytes.
  std::string Answer(const std::string& bytes) {
    RawClient client(listener_->address());
    client.Send(bytes);
    return client.ReadAnswer();
  }

  // Tests whose handlers refer to the test's own variables end it themselves.
  std::unique_ptr<HttpListener> listener_;
};

constexpr char kGet[] = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(HttpListenerTest, AnswersOneRequestAfterTheOtherOnAConnection) {
  Serve();
  RawClient client(listener_->address());
  for (int i = 0; i < 3; ++i) {
    client.Send(kGet);
    const std::string answer = client.ReadAnswer();
    EXPECT_EQ(StatusOf(answer), 200) << answer;
    EXPECT_EQ(BodyOf(answer), "GET /a?b []");
    EXPECT_THAT(FieldOf(answer, "date"), HasSubstr(" GMT"));
  }
}

TEST_F(HttpListenerTest, AnswersPipelinedRequestsInTheirOrder) {
  Serve();
  RawClient client(listener_->address());
  client.Send(absl::StrCat("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none",
                           "POST /2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
                           "3\r\ntwo\r\n0\r\n\r\n", kGet));
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "POST /1 [one]");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "POST /2 [two]");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "GET /a?b []");
}

TEST_F(HttpListenerTest, AnswersHeadWithoutABodyAndOldClientsOnce) {
  Serve();
  RawClient client(listener_->address());
  client.Send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(FieldOf(client.ReadAnswer(/*has_body=*/false), "content-length"), "10");
  client.Send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.0 200 OK\r\n"));
}

TEST_F(HttpListenerTest, AsksForABodyThatWaitsToBeAskedFor) {
  Serve();
  RawClient client(listener_->address());
  client.Send("POST /big HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("later");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "POST /big [later]");
}

// ---- what is no request

struct Malformed {
  const char* what;
  const char* bytes;
  int status;
};

class MalformedRequestTest : public HttpListenerTest,
                             public ::testing::WithParamInterface<Malformed> {};

TEST_P(MalformedRequestTest, IsRefusedAndEndsTheConnection) {
  std::atomic<int> handled{0};
  Serve([&](WebExchange& exchange) {
    Echo(exchange);
    ++handled;
  });
  RawClient client(listener_->address());
  client.Send(GetParam().bytes);
  const std::string all = client.ReadAll();
  EXPECT_EQ(StatusOf(all), GetParam().status) << all;
  // A second answer would be to bytes of the first request.
  EXPECT_EQ(all.find("HTTP/1.1", 1), std::string::npos) << all;
  listener_.reset();
  EXPECT_EQ(handled, 0);
}

const Malformed kMalformed[] = {
    {"NoHttp", "\x16\x03\x01\x02\x01 hello\r\n\r\n", 400},
    {"NoVersion", "GET /\r\n\r\n", 400},
    {"OtherVersion", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 400},
    {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
    {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
    {"TwoHosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
    {"AbsoluteTarget", "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"Connect", "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400},
    {"BareLineFeed", "GET / HTTP/1.1\nHost: x\n\n", 400},
    {"TwoLengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
     400},
    {"TwoEqualLengths",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 400},
    {"ListOfLengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\na", 400},
    {"SignedLength", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na", 400},
    {"NegativeLength", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
    {"HexLength", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\na", 400},
    {"LengthBeyond64Bits",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
    {"LengthAndChunked",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
     "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
     400},
    {"ChunkedAndLength",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"
     "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
     400},
    {"OtherCoding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {"HiddenChunked", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
     501},
    {"TwoCodings",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"
     "\r\n0\r\n\r\n",
     400},
    {"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"TwoCookies", "GET / HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\nCookie: c=d\r\n\r\n", 400},
    {"OtherExpectation", "GET / HTTP/1.1\r\nHost: x\r\nExpect: the-worst\r\n\r\n", 417},
};

TEST_F(HttpListenerTest, RefusesAFieldWithANul) {
  Serve();
  EXPECT_EQ(StatusOf(Answer(std::string("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 36))), 400);
}

INSTANTIATE_TEST_SUITE_P(All, MalformedRequestTest, ::testing::ValuesIn(kMalformed),
                         [](const auto& row) { return row.param.what; });

TEST_F(HttpListenerTest, RefusesAHeadThatIsTooLarge) {
  Serve();
  EXPECT_EQ(StatusOf(Answer(absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\nA: ", std::string(9000, 'a'),
                                         "\r\n\r\n"))),
            431);
  EXPECT_EQ(StatusOf(Answer(absl::StrCat("GET /", std::string(100'000, 'a')))), 431);
}

TEST_F(HttpListenerTest, TakesNoBodyBeyondWhatTheHandlerWants) {
  Serve();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(StatusOf(Answer(head + "Content-Length: 100001\r\n\r\n")), 413);
  EXPECT_EQ(StatusOf(Answer(head + "Content-Length: 18446744073709551615\r\n\r\n")), 413);
  EXPECT_EQ(StatusOf(Answer(head + "Transfer-Encoding: chunked\r\n\r\n186A1\r\n")), 413);
  EXPECT_EQ(StatusOf(Answer(
                absl::StrCat(head, "Content-Length: 100000\r\n\r\n", std::string(100'000, 'a')))),
            200);
}

TEST_F(HttpListenerTest, RefusesBadChunks) {
  Serve();
  for (const char* chunks : {"zz\r\n", "-1\r\n", "FFFFFFFFFFFFFFFFF\r\n", "1\r\nabc\r\n"}) {
    const std::string answer = Answer(
        absl::StrCat("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", chunks));
    EXPECT_TRUE(StatusOf(answer) == 400 || StatusOf(answer) == 413) << chunks << answer;
    EXPECT_EQ(FieldOf(answer, "connection"), "close");
  }
}

// ---- what takes too long, and what is too much

TEST_F(HttpListenerTest, DropsWhoeverIsSlow) {
  Serve(Echo, {.head = absl::Milliseconds(50), .small_body = absl::Milliseconds(50)});
  for (const char* begun : {"", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n",
                            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"}) {
    RawClient client(listener_->address());
    client.Send(begun);
    EXPECT_EQ(client.ReadAll(), "") << begun;
  }
}

// Bytes that trickle in do not begin the time anew.
TEST_F(HttpListenerTest, DropsAHeadThatTricklesIn) {
  Serve(Echo, {.head = absl::Milliseconds(100)});
  RawClient client(listener_->address());
  std::size_t sent = 0;
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\n"));
  EXPECT_TRUE(Await([&] {
    ++sent;
    return !client.Send("A: b\r\n");
  }));
  EXPECT_GT(sent, 1u);
}

TEST_F(HttpListenerTest, AHandlerWaitsForABodyNoLongerThanItSays) {
  absl::Status failure;
  Gate read;
  Serve([&](WebExchange& exchange) {
    failure = exchange.ReadBody(1 << 20, absl::Milliseconds(50)).status();
    read.Open();
  });
  RawClient client(listener_->address());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc");
  ASSERT_TRUE(read.Wait());
  EXPECT_TRUE(absl::IsDeadlineExceeded(failure)) << failure;
  listener_.reset();
}

TEST_F(HttpListenerTest, ClosesConnectionsBeyondTheLimitAtOnce) {
  Serve(Echo, {.connections = 8});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<RawClient>(listener_->address()));
    clients.back()->Send(kGet);
    EXPECT_EQ(StatusOf(clients.back()->ReadAnswer()), 200) << i;
  }
  RawClient turned_away(listener_->address());
  EXPECT_EQ(turned_away.ReadAll(), "");
  // Whoever leaves makes room.
  clients.clear();
  EXPECT_TRUE(Await([&] { return StatusOf(Answer(kGet)) == 200; }));
}

TEST_F(HttpListenerTest, AnswersThatItIsBusyWhenNoThreadIsLeft) {
  Gate leave;
  std::atomic<int> inside{0};
  Serve(
      [&](WebExchange& exchange) {
        ++inside;
        leave.Wait();
        Echo(exchange);
      },
      {.threads = 1, .waiting = 1});
  RawClient first(listener_->address());
  first.Send(kGet);
  ASSERT_TRUE(Await([&] { return inside == 1; }));
  RawClient second(listener_->address());
  second.Send(kGet);
  // The second waits for a thread as soon as a third is refused.
  EXPECT_TRUE(Await([&] {
    RawClient third(listener_->address());
    third.Send(kGet);
    third.CloseOutput();
    return StatusOf(third.ReadAnswer()) == 503;
  }));
  leave.Open();
  EXPECT_EQ(StatusOf(first.ReadAnswer()), 200);
  EXPECT_EQ(StatusOf(second.ReadAnswer()), 200);
  listener_.reset();
}

TEST_F(HttpListenerTest, AnswersWhereTheHandlerDoesNot) {
  Serve([](WebExchange& exchange) {
    if (exchange.request().target == "/throws") throw std::runtime_error("a library's");
  });
  EXPECT_EQ(StatusOf(Answer(kGet)), 500);
  EXPECT_EQ(StatusOf(Answer("GET /throws HTTP/1.1\r\nHost: x\r\n\r\n")), 500);
}

// ---- streams

TEST_F(HttpListenerTest, StreamsPieceByPiece) {
  Gate seen;
  Serve([&](WebExchange& exchange) {
    EXPECT_TRUE(exchange.StartStream({.fields = {{"content-type", "text/plain"}}}));
    EXPECT_TRUE(exchange.Write("one"));
    seen.Wait();
    EXPECT_TRUE(exchange.Write("two"));
  });
  RawClient client(listener_->address());
  client.Send(kGet);
  const std::string head = client.ReadUntil("\r\n\r\n");
  EXPECT_EQ(FieldOf(head, "transfer-encoding"), "chunked");
  EXPECT_EQ(client.ReadUntil("one\r\n"), "3\r\none\r\n");
  seen.Open();
  EXPECT_EQ(client.ReadUntil("0\r\n\r\n"), "3\r\ntwo\r\n0\r\n\r\n");
  // The connection goes on.
  client.Send(kGet);
  EXPECT_THAT(client.ReadUntil("0\r\n\r\n"), HasSubstr("200 OK"));
  listener_.reset();
}

TEST_F(HttpListenerTest, TellsTheHandlerThatTheClientIsGone) {
  std::atomic<bool> noticed{false};
  std::atomic<bool> begun{false};
  Gate left;
  Serve([&](WebExchange& exchange) {
    begun = true;
    noticed = Await([&] { return exchange.ClientGone(); });
    left.Open();
  });
  RawClient client(listener_->address());
  client.Send(kGet);
  ASSERT_TRUE(Await([&] { return begun.load(); }));
  client.Reset();
  ASSERT_TRUE(left.Wait());
  EXPECT_TRUE(noticed);
  listener_.reset();
}

TEST_F(HttpListenerTest, AClientThatDoesNotReadEndsItsStreamOnly) {
  Gate ended;
  Serve(
      [&](WebExchange& exchange) {
        if (exchange.request().target != "/endless") return Echo(exchange);
        const std::string piece(1 << 20, 'x');
        exchange.StartStream({});
        while (exchange.Write(piece)) {
        }
        EXPECT_TRUE(exchange.ClientGone());
        ended.Open();
      },
      {.write = absl::Milliseconds(100)});
  RawClient client(listener_->address());
  client.Send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(StatusOf(Answer(kGet)), 200);
  EXPECT_TRUE(ended.Wait());
  listener_.reset();
}

// ---- the end

TEST_F(HttpListenerTest, AnswersWhatIsInProgressBeforeItEnds) {
  Gate leave;
  std::atomic<bool> inside{false};
  Serve([&](WebExchange& exchange) {
    inside = true;
    leave.Wait();
    Echo(exchange);
  });
  RawClient idle(listener_->address());
  RawClient client(listener_->address());
  client.Send(kGet);
  ASSERT_TRUE(Await([&] { return inside.load(); }));
  std::thread end([&] { listener_->Shutdown(absl::Seconds(30)); });
  EXPECT_EQ(idle.ReadAll(), "");
  leave.Open();
  const std::string answer = client.ReadAnswer();
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_EQ(FieldOf(answer, "connection"), "close");
  EXPECT_EQ(client.ReadAll(), "");
  end.join();
}

TEST_F(HttpListenerTest, CutsOffWhatDoesNotEnd) {
  Gate begun;
  Serve([&](WebExchange& exchange) {
    begun.Open();
    EXPECT_TRUE(Await([&] { return exchange.ClientGone(); }));
  });
  RawClient client(listener_->address());
  client.Send(kGet);
  ASSERT_TRUE(begun.Wait());
  listener_->Shutdown(absl::ZeroDuration());
  EXPECT_EQ(client.ReadAll(), "");
}

TEST_F(HttpListenerTest, SaysThatAPortIsTaken) {
  Serve();
  const auto second = HttpListener::Listen(listener_->address(), nullptr, Echo);
  EXPECT_TRUE(absl::IsUnavailable(second.status())) << second.status();
}

// ---- TLS

TEST_F(HttpListenerTest, SpeaksTlsAndFollowsItsFiles) {
  const TempDirectory directory;
  const std::string cert = directory.File("cert.pem");
  const std::string key = directory.File("key.pem");
  const auto write = [&] {
    const TlsIdentity identity = MakeTlsIdentity();
    WriteFile(cert, identity.certificate);
    WriteFile(key, identity.key);
  };
  write();
  auto made = HttpListener::Listen("127.0.0.1:0", std::make_unique<TlsFiles>(cert, key, ""), Echo);
  ASSERT_THAT(made, IsOk());
  listener_ = *std::move(made);
  const std::string base = absl::StrCat("https://", listener_->address());
  EXPECT_EQ(HttpGet(base, "/secure").body, "GET /secure []");
  // Half of a replacement changes nothing.
  WriteFile(key, MakeTlsIdentity().key);
  EXPECT_EQ(HttpGet(base, "/still").body, "GET /still []");
  write();
  EXPECT_EQ(HttpGet(base, "/again").body, "GET /again []");
  EXPECT_EQ(HttpPost(base, "/big", std::string(50'000, 'b')).body.size(), 50'000u + 12);
  // Plain HTTP gets nowhere.
  RawClient plain(listener_->address());
  plain.Send(kGet);
  EXPECT_THAT(plain.ReadAll(), ::testing::Not(HasSubstr("HTTP/1.1")));
}

TEST_F(HttpListenerTest, RefusesTlsFilesThatCannotBeUsed) {
  const auto made = HttpListener::Listen(
      "127.0.0.1:0", std::make_unique<TlsFiles>("/no/cert", "/no/key", ""), Echo);
  EXPECT_TRUE(absl::IsInvalidArgument(made.status())) << made.status();
}

}  // namespace
}  // namespace logexport
