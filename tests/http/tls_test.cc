// Whom the transport trusts.

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/http/test_transport.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class TlsTest : public ::testing::Test {
 protected:
  CurlOptions Trusting(const TlsIdentity& identity) const {
    CurlOptions options;
    options.ca_file = directory_.File("authority.pem");
    WriteFile(options.ca_file, identity.certificate);
    return options;
  }

  const TempDirectory directory_;
};

TEST_F(TlsTest, ANamedAuthorityIsTrusted) {
  const TlsIdentity identity = MakeTlsIdentity();
  RawServer server(AnswerEach(RawResponse(200, "secure")), identity);
  const auto transport = NewTransport(Trusting(identity));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(transport->Issue(Get(server.Url()))->body, "secure");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(TlsTest, ANewConnectionResumesTheSessionOfAnother) {
  const TlsIdentity identity = MakeTlsIdentity();
  RawServer server(AnswerThenClose(RawResponse(200, "", "Connection: close\r\n")), identity);
  const auto transport = NewTransport(Trusting(identity));
  for (int i = 0; i < 3; ++i) {
    std::thread([&] { EXPECT_THAT(transport->Issue(Get(server.Url())), IsOk()); }).join();
  }
  EXPECT_EQ(server.connections(), 3);
  EXPECT_EQ(server.resumed_sessions(), 2);
}

TEST_F(TlsTest, LargeBodiesGoBothWays) {
  const TlsIdentity identity = MakeTlsIdentity();
  const std::string answer(2 << 20, 'a');
  const std::string body(475'000, 'b');
  RawServer server(AnswerEach(RawResponse(200, answer)), identity);
  HttpRequest request = Post(server.Url(), body);
  request.max_response_bytes = answer.size();
  EXPECT_EQ(NewTransport(Trusting(identity))->Issue(request)->body, answer);
  EXPECT_EQ(server.requests()[0].body, body);
}

TEST_F(TlsTest, AnUnknownAuthorityIsNot) {
  RawServer server(AnswerEach(RawResponse(200, "")), MakeTlsIdentity());
  EXPECT_THAT(NewTransport()->Issue(Get(server.Url("/?q=secret"))),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("the certificate of localhost:", server.port(),
                                    " is not trusted: self-signed certificate; if it comes from an "
                                    "authority of your own, name that with --ca-file")));
}

TEST_F(TlsTest, AnExpiredCertificateIsNot) {
  TlsIdentityOptions past;
  past.not_after = absl::Now() - absl::Hours(1);
  const TlsIdentity identity = MakeTlsIdentity(past);
  RawServer server(AnswerEach(RawResponse(200, "")), identity);
  EXPECT_THAT(NewTransport(Trusting(identity))->Issue(Get(server.Url())),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("localhost"), HasSubstr("certificate has expired"))));
}

TEST_F(TlsTest, ACertificateForAnotherNameIsNot) {
  TlsIdentityOptions other;
  other.names = {"api.example.com"};
  const TlsIdentity identity = MakeTlsIdentity(other);
  RawServer server(AnswerEach(RawResponse(200, "")), identity);
  EXPECT_THAT(NewTransport(Trusting(identity))->Issue(Get(server.Url())),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is for another name")));
}

TEST_F(TlsTest, NoRequestReachesAPeerThatIsNotTrusted) {
  RawServer server(AnswerEach(RawResponse(200, "")), MakeTlsIdentity());
  EXPECT_THAT(NewTransport()->Issue(Post(server.Url(), "secret")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(server.requests().size(), 0u);
}

TEST_F(TlsTest, APeerThatDoesNotSpeakTlsIsUnavailable) {
  RawServer plain([](RawConnection& connection, int) {
    connection.Send("HTTP/1.1 400 Bad Request\r\n\r\n");
    connection.WaitForPeerToClose();
  });
  EXPECT_THAT(
      NewTransport()->Issue(Get(absl::StrCat("https://localhost:", plain.port(), "/"))),
      StatusIs(absl::StatusCode::kUnavailable, AllOf(HasSubstr("TLS handshake with localhost:"),
                                                     HasSubstr("does not seem to speak TLS"))));
}

// As a server of plain HTTP that waits for the end of the request's head.
TEST_F(TlsTest, APeerThatAnswersNoHandshakeMayNotSpeakTls) {
  RawServer silent([](RawConnection& connection, int) { connection.WaitForPeerToClose(); });
  HttpRequest request = Get(absl::StrCat("https://localhost:", silent.port(), "/"));
  request.timeout = absl::Milliseconds(300);
  EXPECT_THAT(NewTransport()->Issue(request),
              StatusIs(absl::StatusCode::kDeadlineExceeded,
                       ContainsRegex("could not connect to localhost:.* with TLS within")));
}

TEST_F(TlsTest, PlainHttpToAPortOfTlsIsToldWhatToWrite) {
  RawServer server(AnswerEach(RawResponse(200, "ok")), MakeTlsIdentity(TlsIdentityOptions()));
  EXPECT_THAT(NewTransport()->Issue(Get(absl::StrCat("http://localhost:", server.port(), "/"))),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("write https")));
}

TEST_F(TlsTest, APeerThatClosesInTheHandshakeIsUnavailable) {
  RawServer server([](RawConnection& connection, int) { connection.Close(); });
  EXPECT_THAT(NewTransport()->Issue(Get(absl::StrCat("https://localhost:", server.port(), "/"))),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("localhost:")));
}

TEST_F(TlsTest, AnAuthorityFileThatCannotBeUsedIsSaidAtOnce) {
  CurlOptions options;
  options.ca_file = "/does/not/exist.pem";
  EXPECT_THAT(MakeCurlTransport(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/does/not/exist.pem")));
  options.ca_file = directory_.File("no_certificate.pem");
  WriteFile(options.ca_file, "hello\n");
  EXPECT_THAT(MakeCurlTransport(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no_certificate.pem")));
}

}  // namespace
}  // namespace logexport
