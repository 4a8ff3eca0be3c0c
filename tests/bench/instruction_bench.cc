// Decodes or maps pages of made-up logs so many times and no more, to be run by callgrind: of two
// runs of different length the difference is what the pages cost (./dev bench).
//
//   instruction_bench decode|map|privacy TIMES
//
// A page has 100 logs. Prints how many logs became events, or were decoded.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"

#include "service/auth0/page_decoder.h"
#include "service/export/settings.h"
#include "service/segment/event_mapper.h"
#include "tests/bench/made_up_logs.h"

namespace logexport::bench {
namespace {

std::size_t Decode(int times) {
  constexpr std::size_t kSpare = 64;
  const std::string page = MadeUpPage();
  PageDecoder decoder;
  std::size_t logs = 0;
  for (int i = 0; i < times; ++i) {
    std::string body;
    body.reserve(page.size() + kSpare);
    body = page;
    logs += decoder.DecodeArray(std::move(body))->logs.size();
  }
  return logs;
}

std::size_t Map(int times, bool privacy_rules) {
  SegmentSettings segment;
  segment.message_namespace = "0123456789abcdef";
  PrivacySettings privacy;
  if (privacy_rules) {
    privacy.standard_preset = true;
    privacy.hash_key = "a key for the benchmark";
    privacy.hash_key_id = "k1";
  }
  const auto mapper = MakeEventMapper(segment, privacy, {}, "tenant.example.com");
  const Page page = *PageDecoder().DecodeArray(MadeUpPage());
  std::size_t events = 0;
  std::string out;
  std::vector<std::uint32_t> sizes;
  for (int i = 0; i < times; ++i) {
    out.clear();
    sizes.clear();
    for (const Log& log : page.logs) mapper->Map(log, nullptr, &out, &sizes);
    events += sizes.size();
  }
  return events;
}

int Main(int argc, char** argv) {
  const std::string what = argc == 3 ? argv[1] : "";
  int times = 0;
  if ((what != "decode" && what != "map" && what != "privacy") ||
      !absl::SimpleAtoi(argv[2], &times)) {
    std::cerr << "usage: instruction_bench decode|map|privacy TIMES" << std::endl;
    return EXIT_FAILURE;
  }
  std::cout << (what == "decode" ? Decode(times) : Map(times, what == "privacy")) << std::endl;
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace logexport::bench

int main(int argc, char** argv) { return logexport::bench::Main(argc, argv); }
