// What arrives, and what was sent for it.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "service/http/gzip.h"
#include "tests/http/test_transport.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ResponseTest, AnyStatusIsAResponse) {
  const auto transport = NewTransport();
  for (const int status :
       {200, 204, 301, 302, 304, 400, 401, 403, 404, 407, 413, 429, 500, 503, 599}) {
    RawServer server(AnswerThenClose(
        absl::StrCat("HTTP/1.1 ", status,
                     " Any\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")));
    ASSERT_OK_AND_ASSIGN(const HttpResponse response, transport->Issue(Get(server.Url())));
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(server.connections(), 1) << "a redirect or an error must not lead to another request";
  }
}

TEST(ResponseTest, HeadersAreFoundInAnyCase) {
  RawServer server(AnswerEach(RawResponse(
      200, "", "X-RateLimit-Remaining:  7 \r\nx-empty:\r\nX-Twice: a\r\nX-Twice: b\r\n")));
  ASSERT_OK_AND_ASSIGN(const HttpResponse response, NewTransport()->Issue(Get(server.Url())));
  EXPECT_EQ(response.Header("x-ratelimit-remaining"), "7");
  EXPECT_EQ(response.Header("X-EMPTY"), "");
  EXPECT_EQ(response.Header("x-twice"), "a");
  EXPECT_EQ(response.Header("x-absent"), "");
}

TEST(ResponseTest, InterimResponsesLeaveNoTrace) {
  RawServer server(AnswerEach(
      absl::StrCat("HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\n", RawResponse(200, "done"))));
  ASSERT_OK_AND_ASSIGN(const HttpResponse response, NewTransport()->Issue(Get(server.Url())));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(response.Header("X-Interim"), "");
}

TEST(ResponseTest, ABodyWithoutLengthEndsWithItsChunksOrTheConnection) {
  const auto transport = NewTransport();
  RawServer chunked(AnswerEach(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  RawServer closing(AnswerThenClose("HTTP/1.0 200 OK\r\n\r\nabcde"));
  EXPECT_EQ(transport->Issue(Get(chunked.Url()))->body, "abcde");
  EXPECT_EQ(transport->Issue(Get(closing.Url()))->body, "abcde");
}

TEST(ResponseTest, TheBodyHasSpareBytesBehindIt) {
  const auto transport = NewTransport();
  for (const std::size_t size : {0u, 1u, 15u, 64u, 1000u, 16384u, 150000u}) {
    const std::string body(size, 'x');
    RawServer with_length(AnswerEach(RawResponse(200, body)));
    RawServer without_length(AnswerThenClose("HTTP/1.1 200 OK\r\n\r\n" + body));
    for (const RawServer* server : {&with_length, &without_length}) {
      ASSERT_OK_AND_ASSIGN(const HttpResponse response, transport->Issue(Get(server->Url())));
      EXPECT_EQ(response.body, body);
      EXPECT_GE(response.body.capacity(), size + 64);
    }
  }
}

TEST(ResponseTest, AFalseLengthReservesNoMoreThanIsAllowed) {
  RawServer server(
      AnswerThenClose("HTTP/1.1 200 OK\r\nContent-Length: 4611686018427387904\r\n\r\nx"));
  EXPECT_THAT(NewTransport()->Issue(Get(server.Url())),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(ResponseTest, AGetIsSentAsAsked) {
  RawServer server(AnswerEach(RawResponse(200, "")));
  HttpRequest request = Get(server.Url("/api/v2/logs?from=900&take=100"));
  request.headers = {{"Authorization", "Bearer t"}, {"X-Empty", ""}};
  ASSERT_THAT(NewTransport()->Issue(request), IsOk());
  const RawRequest sent = server.requests()[0];
  EXPECT_EQ(sent.Line(), "GET /api/v2/logs?from=900&take=100 HTTP/1.1");
  EXPECT_EQ(sent.Header("Host"), absl::StrCat("127.0.0.1:", server.port()));
  EXPECT_EQ(sent.Header("Authorization"), "Bearer t");
  EXPECT_EQ(sent.Header("User-Agent"), "logexport/0.1.0");
  EXPECT_THAT(sent.head, HasSubstr("X-Empty:"));
  EXPECT_THAT(sent.head, Not(HasSubstr("Accept-Encoding")));
  EXPECT_EQ(sent.body, "");
}

TEST(ResponseTest, APostIsSentAsAskedWithoutWaitingForAContinue) {
  RawServer server(AnswerEach(RawResponse(200, "")));
  // Large enough that curl by itself would ask for a 100 (Continue), and wait a second for it.
  const std::string body(475'000, 'x');
  HttpRequest request = Post(server.Url("/v1/batch"), body);
  request.headers = {{"Content-Type", "application/json"}};
  ASSERT_THAT(NewTransport()->Issue(request), IsOk());
  const RawRequest sent = server.requests()[0];
  EXPECT_EQ(sent.Line(), "POST /v1/batch HTTP/1.1");
  EXPECT_EQ(sent.Header("Content-Type"), "application/json");
  EXPECT_THAT(sent.head, Not(HasSubstr("Expect")));
  EXPECT_EQ(sent.body, body);
}

TEST(ResponseTest, APostMayBeEmptyAndHasNoTypeOfItsOwn) {
  RawServer server(AnswerEach(RawResponse(200, "")));
  ASSERT_THAT(NewTransport()->Issue(Post(server.Url(), "")), IsOk());
  const RawRequest sent = server.requests()[0];
  EXPECT_EQ(sent.Header("Content-Length"), "0");
  EXPECT_THAT(sent.head, Not(HasSubstr("Content-Type")));
}

TEST(ResponseTest, NothingOfARequestIsLeftInTheNextOnTheSameConnection) {
  RawServer server(AnswerEach(RawResponse(200, "")));
  const auto transport = NewTransport();
  HttpRequest first = Post(server.Url("/first"), "body");
  first.headers = {{"X-First", "1"}};
  HttpRequest second = Get(server.Url("/second"));
  HttpRequest third = Post(server.Url("/third"), "more");
  for (const HttpRequest* request : {&first, &second, &third}) {
    ASSERT_THAT(transport->Issue(*request), IsOk());
  }
  EXPECT_EQ(server.connections(), 1);
  const std::vector<RawRequest> sent = server.requests();
  EXPECT_EQ(sent[1].Line(), "GET /second HTTP/1.1");
  EXPECT_THAT(sent[1].head, Not(HasSubstr("X-First")));
  EXPECT_EQ(sent[1].Header("Content-Length"), "");
  EXPECT_EQ(sent[2].Line(), "POST /third HTTP/1.1");
  EXPECT_EQ(sent[2].body, "more");
}

std::string GzippedResponse(absl::string_view body) {
  std::string compressed;
  GzipCompressor().Compress(body, &compressed);
  return RawResponse(200, compressed, "Content-Encoding: gzip\r\n");
}

TEST(ResponseTest, ACompressedResponseIsUnpackedWhereItWasAskedFor) {
  const std::string body(100'000, 'x');
  RawServer server(AnswerEach(GzippedResponse(body)));
  const auto transport = NewTransport();
  HttpRequest request = Get(server.Url());
  request.accept_compressed = true;
  ASSERT_OK_AND_ASSIGN(const HttpResponse response, transport->Issue(request));
  EXPECT_EQ(response.body, body);
  EXPECT_GE(response.body.capacity(), response.body.size() + 64);
  EXPECT_EQ(server.requests()[0].Header("Accept-Encoding"), "gzip");
  request.accept_compressed = false;
  ASSERT_THAT(transport->Issue(request), IsOk());
  EXPECT_EQ(server.requests()[1].Header("Accept-Encoding"), "");
}

TEST(ResponseTest, TheSizeLimitCountsUnpackedBytes) {
  RawServer server(AnswerEach(GzippedResponse(std::string(50 << 20, 'x'))));
  HttpRequest request = Get(server.Url());
  request.accept_compressed = true;
  EXPECT_THAT(NewTransport()->Issue(request),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("1048576 bytes allowed")));
}

TEST(ResponseTest, ADamagedCompressedResponseIsUnavailable) {
  RawServer server(AnswerEach(RawResponse(200, "no gzip at all", "Content-Encoding: gzip\r\n")));
  HttpRequest request = Get(server.Url());
  request.accept_compressed = true;
  EXPECT_THAT(NewTransport()->Issue(request),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("damaged")));
}

}  // namespace
}  // namespace logexport
