#pragma once

#include <cstdint>
#include <string_view>

// The checksums that other tools keep.
namespace drydock::migrate {

// CRC-32 as of IEEE 802.3 (and zip): reflected, polynomial 0xEDB88320.
[[nodiscard]] std::uint32_t crc32_ieee(std::string_view bytes);

// What Flyway writes for a script: the CRC-32, signed, of its lines without their ends, the byte
// order mark left out. A line ends with \n, \r or \r\n.
[[nodiscard]] std::int32_t flyway_checksum(std::string_view text);
// What its old releases wrote: of all bytes.
[[nodiscard]] std::int32_t old_flyway_checksum(std::string_view text);

}  // namespace drydock::migrate
