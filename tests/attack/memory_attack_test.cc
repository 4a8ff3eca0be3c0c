// Messages that are meant to fill the service's memory. The resident memory of the process is
// measured, not assumed.
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/attack/attacked_service.h"
#include "tests/attack/http2_attacker.h"
#include "tests/support/await.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

constexpr char kUpdateConfig[] = "/logexport.v1.LogExportService/UpdateConfig";
constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kReflection[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
// What an attack may add. The service itself has 48 MB for what is in transit.
constexpr std::int64_t kMayGrow = 72 << 20;
// Without a caller's identity next to nothing is stored.
constexpr std::int64_t kMayGrowForStrangers = 24 << 20;

// `size` zero bytes as gzip, a thousandth of it.
std::string Bomb(std::size_t size) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY) != Z_OK) return "";
  const std::string zeros(1 << 20, '\0');
  std::string out(size / 500, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  for (std::size_t left = size; left > 0; left -= zeros.size()) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zeros.data()));
    stream.avail_in = static_cast<uInt>(zeros.size());
    deflate(&stream, left == zeros.size() ? Z_FINISH : Z_NO_FLUSH);
  }
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

class MemoryAttackTest : public ::testing::Test {
 protected:
  MemoryAttackTest() {
    EXPECT_THAT(service_.Read(), IsOk());
    service_.ForgetMost();
    before_ = service_.Resident();
  }
  void ExpectGrowth(std::int64_t most) {
    const std::int64_t grown = service_.MostResident() - before_;
    std::printf("from %lld MB by %lld MB\n", static_cast<long long>(before_ >> 20),
                static_cast<long long>(grown >> 20));
    EXPECT_LE(grown, most);
    // Others are served meanwhile and afterwards.
    EXPECT_TRUE(Await([&] { return service_.Read().ok(); }));
  }

  AttackedService service_;
  std::int64_t before_ = 0;
};

TEST_F(MemoryAttackTest, ACompressedRequestIsNotInflated) {
  const std::string bomb = Bomb(std::size_t{400} << 20);
  ASSERT_GT(bomb.size(), 100u << 10);
  ASSERT_LT(bomb.size(), 1u << 20);
  const std::string message =
      MessagePrefix(static_cast<std::uint32_t>(bomb.size()), /*compressed=*/true) + bomb;
  for (const char* path : {kUpdateConfig, kHealthCheck, kReflection}) {
    for (const char* token : {"", "admin-token"}) {
      for (int n = 0; n < 3; ++n) {
        Http2Attacker attacker(service_.address());
        ASSERT_TRUE(attacker.Start());
        Headers headers = {{"grpc-encoding", "gzip"}};
        if (*token != '\0') headers.emplace_back("authorization", absl::StrCat("Bearer ", token));
        attacker.OpenStream(1, path, headers);
        attacker.SendData(1, message, /*last=*/true);
        EXPECT_TRUE(attacker.AwaitEnd(1, absl::Seconds(20))) << path << token;
      }
    }
  }
  ExpectGrowth(kMayGrowForStrangers);
}

// Each of 70 connections sends 7.5 MB of a message and stops before its end.
void SendUnfinished(AttackedService& service, const char* path, const Headers& headers,
                    std::vector<Http2Attacker>* attackers) {
  const std::string message = MessagePrefix(8 << 20) + std::string(7'500'000, 'x');
  for (int n = 0; n < 70; ++n) {
    Http2Attacker attacker(service.address());
    if (!attacker.Connected() || !attacker.Start() || !attacker.OpenStream(1, path, headers)) {
      continue;
    }
    // Much of it waits in the kernel where the service does not take it.
    attacker.SendData(1, message, /*last=*/false, absl::Milliseconds(200));
    attackers->push_back(std::move(attacker));
  }
}

TEST_F(MemoryAttackTest, UnfinishedMessagesOfStrangersTakeNextToNothing) {
  std::vector<Http2Attacker> attackers;
  SendUnfinished(service_, kUpdateConfig, {}, &attackers);
  EXPECT_THAT(service_.Read(), IsOk());
  ExpectGrowth(kMayGrowForStrangers);
}

TEST_F(MemoryAttackTest, UnfinishedMessagesToTheOpenServicesAreBounded) {
  std::vector<Http2Attacker> attackers;
  SendUnfinished(service_, kHealthCheck, {}, &attackers);
  SendUnfinished(service_, kReflection, {}, &attackers);
  ExpectGrowth(kMayGrow);
}

TEST_F(MemoryAttackTest, UnfinishedMessagesOfACallerAreBoundedAndEnd) {
  std::vector<Http2Attacker> attackers;
  SendUnfinished(service_, kUpdateConfig, {{"authorization", "Bearer admin-token"}}, &attackers);
  ExpectGrowth(kMayGrow);
  ASSERT_FALSE(attackers.empty());
  EXPECT_TRUE(attackers.back().AwaitEnd(1, absl::Seconds(30)))
      << "an unfinished message is waited for without an end";
}

// Longer than what may be sent at all, which is known only when its end has come.
TEST_F(MemoryAttackTest, AMessageWithoutAnEndIsBounded) {
  const std::string piece(1 << 20, 'x');
  for (const char* path : {kUpdateConfig, kHealthCheck, kReflection}) {
    Http2Attacker attacker(service_.address());
    ASSERT_TRUE(attacker.Start());
    attacker.OpenStream(1, path, {{"authorization", "Bearer admin-token"}});
    attacker.SendData(1, MessagePrefix(1 << 30), /*last=*/false);
    for (int n = 0; n < 300; ++n) {
      if (attacker.SendData(1, piece, /*last=*/false, absl::Milliseconds(100)) < piece.size())
        break;
    }
  }
  ExpectGrowth(kMayGrow);
}

}  // namespace
}  // namespace logexport
