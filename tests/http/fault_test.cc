// What the transport makes of peers that fail, misbehave or attack.

#include <string>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "tests/http/test_transport.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Peer(const RawServer& server) { return absl::StrCat("127.0.0.1:", server.port()); }

TEST(FaultTest, ARefusedConnectionIsUnavailable) {
  const int port = UnusedPort();
  EXPECT_THAT(
      NewTransport()->Issue(Get(absl::StrCat("http://127.0.0.1:", port, "/a?b=c"))),
      StatusIs(absl::StatusCode::kUnavailable,
               absl::StrCat("could not connect to 127.0.0.1:", port, ": Connection refused")));
}

TEST(FaultTest, AnUnknownHostIsUnavailable) {
  // Never resolves (RFC 6761); a machine without any name server may take its time to say so.
  HttpRequest request = Get("https://tenant.invalid/api");
  request.timeout = absl::Seconds(5);
  const auto unavailable =
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("found no address for tenant.invalid"));
  const auto late = StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("tenant.invalid"));
  EXPECT_THAT(NewTransport()->Issue(request), ::testing::AnyOf(unavailable, late));
}

struct Fault {
  const char* name;
  RawScript script;
  absl::StatusCode code;
  const char* message;
};

std::string HeadWithLength(int length) {
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", length, "\r\n\r\n");
}

class FaultTableTest : public ::testing::TestWithParam<Fault> {};

TEST_P(FaultTableTest, EndsTheExchangeWithItsOwnError) {
  RawServer server(GetParam().script);
  HttpRequest request = Post(server.Url("/path?code=secret"), "the body");
  request.headers = {{"Authorization", "Bearer secret"}};
  request.timeout = absl::Seconds(20);
  EXPECT_THAT(
      NewTransport()->Issue(request),
      StatusIs(GetParam().code, AllOf(HasSubstr(Peer(server)), HasSubstr(GetParam().message),
                                      Not(HasSubstr("secret")), Not(HasSubstr("path")))));
}

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

INSTANTIATE_TEST_SUITE_P(
    Peers, FaultTableTest,
    ::testing::Values(
        Fault{"ClosesBeforeAnswering", AnswerThenClose(""), kUnavailable, "without answering"},
        Fault{"ResetsBeforeAnswering", AnswerThenReset(""), kUnavailable,
              "broke: Connection reset by peer"},
        Fault{"ClosesInTheStatusLine", AnswerThenClose("HTTP/1.1 2"), kUnavailable, "closed"},
        Fault{"ClosesInTheHeaders", AnswerThenClose("HTTP/1.1 200 OK\r\nContent-Le"), kUnavailable,
              "closed"},
        Fault{"ClosesBeforeTheEndOfTheHeaders", AnswerThenClose("HTTP/1.1 200 OK\r\nX-A: b\r\n"),
              kUnavailable, "in the headers"},
        Fault{"ClosesAfterAnInterimResponse", AnswerThenClose("HTTP/1.1 103 Early Hints\r\n\r\n"),
              kUnavailable, "closed the connection"},
        Fault{"ClosesAfterTheHeaders", AnswerThenClose(HeadWithLength(10)), kUnavailable,
              "before its response was complete"},
        Fault{"ClosesInTheBody", AnswerThenClose(HeadWithLength(10) + "01234"), kUnavailable,
              "before its response was complete"},
        Fault{"ResetsInTheBody", AnswerThenReset(HeadWithLength(10) + "01234"), kUnavailable,
              "broke: Connection reset by peer"},
        Fault{"ClosesInAChunk",
              AnswerThenClose("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01234"),
              kUnavailable, "before its response was complete"},
        Fault{"SendsABrokenChunkSize",
              AnswerThenClose("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n01234"),
              kUnavailable, "broke"},
        Fault{"SendsANegativeLength", AnswerThenClose(HeadWithLength(-5)), kUnavailable,
              "not HTTP"},
        Fault{"SpeaksAnotherProtocol", AnswerThenClose("220 mail.example ESMTP\r\n"), kUnavailable,
              "is not HTTP"},
        Fault{"SendsBinary", AnswerThenClose(std::string("\x15\x03\x01\x00\x02\x02\x16", 7)),
              kUnavailable, "is not HTTP"},
        Fault{"SendsHeadersWithoutEnd",
              AnswerThenFlood("HTTP/1.1 200 OK\r\n", "X-Filler: 0123456789012345678901234567\r\n"),
              kExhausted, "headers"},
        Fault{"SendsABodyWithoutEnd",
              AnswerThenFlood("HTTP/1.1 200 OK\r\n\r\n", std::string(64 << 10, 'x')), kExhausted,
              "larger than the 1048576 bytes allowed"},
        Fault{"AnnouncesTooMuch", AnswerThenHang(HeadWithLength(2 << 20) + "x"), kExhausted,
              "larger than the 1048576 bytes allowed"}),
    [](const ::testing::TestParamInfo<Fault>& fault) { return std::string(fault.param.name); });

TEST(FaultTest, BytesBeyondTheAnnouncedLengthAreNotPartOfTheBody) {
  RawServer server(AnswerThenClose(HeadWithLength(3) + "abcdef"));
  ASSERT_OK_AND_ASSIGN(const HttpResponse response, NewTransport()->Issue(Get(server.Url())));
  EXPECT_EQ(response.body, "abc");
}

TEST(FaultTest, ABodyOfExactlyTheAllowedSizeIsTaken) {
  RawServer server(AnswerEach(RawResponse(200, std::string(1000, 'x'))));
  const auto transport = NewTransport();
  HttpRequest request = Get(server.Url());
  request.max_response_bytes = 1000;
  EXPECT_THAT(transport->Issue(request), IsOk());
  request.max_response_bytes = 999;
  EXPECT_THAT(transport->Issue(request), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(FaultTest, APeerThatNeverAnswersMeetsTheTimeout) {
  RawServer server(AnswerThenHang(""));
  HttpRequest request = Get(server.Url());
  request.timeout = absl::Milliseconds(50);
  EXPECT_THAT(NewTransport()->Issue(request),
              StatusIs(absl::StatusCode::kDeadlineExceeded,
                       HasSubstr(absl::StrCat(Peer(server), " did not answer within "))));
}

TEST(FaultTest, APeerThatStopsInTheBodyMeetsTheTimeout) {
  RawServer server(AnswerThenHang(HeadWithLength(10) + "01234"));
  HttpRequest request = Get(server.Url());
  request.timeout = absl::Milliseconds(50);
  EXPECT_THAT(NewTransport()->Issue(request),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("was not complete after ")));
}

TEST(FaultTest, ADripMeetsTheTimeout) {
  RawServer server(AnswerThenDrip(HeadWithLength(1000), absl::Milliseconds(10)));
  HttpRequest request = Get(server.Url());
  request.timeout = absl::Milliseconds(100);
  EXPECT_THAT(NewTransport()->Issue(request),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("was not complete after ")));
}

TEST(FaultTest, AConnectionThatIsNotTakenMeetsTheConnectTimeout) {
  FullListener listener;
  HttpRequest request = Get(absl::StrCat("http://127.0.0.1:", listener.port(), "/"));
  request.connect_timeout = absl::Milliseconds(50);
  EXPECT_THAT(NewTransport()->Issue(request),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("could not connect to ")));
}

TEST(FaultTest, ASpentTimeoutIsNoUnlimitedOne) {
  RawServer server(AnswerThenHang(""));
  HttpRequest request = Get(server.Url());
  request.timeout = -absl::Seconds(1);
  EXPECT_THAT(NewTransport()->Issue(request), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST(FaultTest, AStalledExchangeEndsBeforeItsTimeout) {
  RawServer server(AnswerThenHang(""));
  CurlOptions options;
  options.stall_timeout = absl::Seconds(1);
  HttpRequest request = Get(server.Url());
  request.timeout = absl::Minutes(5);
  EXPECT_THAT(NewTransport(options)->Issue(request),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("stalled")));
}

TEST(FaultTest, UnusableUrlsAreInvalid) {
  const auto transport = NewTransport();
  for (const char* url : {"", "no scheme", "ftp://localhost/", "file:///etc/passwd",
                          "http://user:secret@127.0.0.1/", "https://", "https://host:99999/"}) {
    EXPECT_THAT(transport->Issue(Get(url)),
                StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("secret"))))
        << url;
  }
}

TEST(FaultTest, PlainHttpIsForThisMachineOnly) {
  const auto transport = NewTransport();
  for (const char* url :
       {"http://example.com/", "http://10.0.0.1/", "http://127.0.0.1.example.com/",
        "http://127.0.0.1:80@example.com/", "http:///127.0.0.1/", "http:/127.0.0.1/",
        "http://0.0.0.0/", "http://[::2]/"}) {
    EXPECT_THAT(transport->Issue(Get(url)), StatusIs(absl::StatusCode::kInvalidArgument)) << url;
  }
}

TEST(FaultTest, AHeaderCannotSmuggleAnother) {
  RawServer server(AnswerEach(RawResponse(200, "")));
  for (const HttpHeader& header : {HttpHeader{"X-A", "1\r\nX-B: 2"}, HttpHeader{"X-A\nX-B", "1"},
                                   HttpHeader{"", "1"}, HttpHeader{"X-A", std::string("\0", 1)}}) {
    HttpRequest request = Get(server.Url());
    request.headers = {header};
    EXPECT_THAT(NewTransport()->Issue(request), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace logexport
