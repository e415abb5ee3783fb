#include "engine/migrate/checksum.h"

#include <algorithm>
#include <array>

namespace drydock::migrate {
namespace {

constexpr std::array<std::uint32_t, 256> kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
        std::uint32_t rest = byte;
        for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1U) ^ ((rest & 1U) * 0xEDB88320U);
        table[byte] = rest;
    }
    return table;
}();

class Crc32 {
  public:
    void update(std::string_view bytes) {
        for (const char c : bytes)
            state_ = kTable[(state_ ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (state_ >> 8U);
    }
    [[nodiscard]] std::uint32_t value() const { return ~state_; }

  private:
    std::uint32_t state_ = 0xFFFFFFFFU;
};

}  // namespace

std::uint32_t crc32_ieee(std::string_view bytes) {
    Crc32 crc;
    crc.update(bytes);
    return crc.value();
}

std::int32_t flyway_checksum(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    Crc32 crc;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        crc.update(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return static_cast<std::int32_t>(crc.value());
}

std::int32_t old_flyway_checksum(std::string_view text) {
    return static_cast<std::int32_t>(crc32_ieee(text));
}

}  // namespace drydock::migrate
