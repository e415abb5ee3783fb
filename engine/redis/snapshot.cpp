#include "engine/redis/snapshot.h"

#include <fcntl.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/os/atomic_file.h"
#include "engine/redis/errors.h"

namespace drydock::redis {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;
constexpr std::size_t kMark = 40;     // bytes of the mark that ends a stream of unknown length
constexpr std::size_t kChecksum = 8;  // bytes at the end of a snapshot
constexpr std::uint64_t kPolynomial = 0x95ac9329ac4bc9b5;  // 0xad93d23594c935a9, reflected

std::array<std::uint64_t, 256> make_table() {
    std::array<std::uint64_t, 256> table{};
    for (std::uint64_t byte = 0; byte < table.size(); ++byte) {
        std::uint64_t value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
        table[byte] = value;
    }
    return table;
}

Error no_snapshot(const std::string& why) {
    return {ErrorCode::Check, "the server's snapshot is not whole: " + why,
            "look at the server's log, then run the step again"};
}

// Takes the snapshot's bytes in, and looks at its beginning and its end.
class Receiver final {
  public:
    explicit Receiver(os::AtomicFile& file) : file_(file) {}

    void add(std::string_view bytes) {
        file_.write(bytes);
        digest_.update(bytes);
        if (begin_.size() < kMagic.size()) begin_ += bytes.substr(0, kMagic.size() - begin_.size());
        bytes_ += static_cast<std::int64_t>(bytes.size());
        tail_ += bytes;
        if (tail_.size() <= kChecksum) return;
        const std::size_t before = tail_.size() - kChecksum;
        crc_ = crc64(crc_, std::string_view(tail_).substr(0, before));
        tail_.erase(0, before);
    }
    [[nodiscard]] std::int64_t bytes() const { return bytes_; }

    Snapshot finish() {
        if (begin_ != kMagic) throw no_snapshot("it does not begin with REDIS");
        if (tail_.size() < kChecksum) throw no_snapshot("it is too short");
        std::uint64_t written = 0;
        for (std::size_t i = kChecksum; i-- > 0;)
            written = (written << 8) | static_cast<unsigned char>(tail_[i]);
        // 0: the server is set to make none (rdbchecksum no).
        if (written != 0 && written != crc_) throw no_snapshot("its checksum is wrong");
        return {.bytes = bytes_,
                .sha256 = crypto::to_hex(digest_.finish()),
                .checksummed = written != 0};
    }

  private:
    static constexpr std::string_view kMagic = "REDIS";
    os::AtomicFile& file_;
    crypto::Sha256 digest_;
    std::string begin_, tail_;
    std::int64_t bytes_ = 0;
    std::uint64_t crc_ = 0;
};

// What stands before the data: its length, or the mark that will end it.
struct Announced {
    std::optional<std::int64_t> length;
    std::string mark;
};

class Reading final {
  public:
    Reading(Stream& stream, const Waiter& waiter) : stream_(stream), waiter_(waiter) {}

    // More of what comes; waits for it.
    std::string_view next() {
        for (;;) {
            const std::size_t size = stream_.take(piece_);
            if (size > 0) return {piece_.data(), size};
            (void)waiter_.wait(stream_.fd(), POLLIN);
        }
    }

    // Empty lines come for as long as the server makes the snapshot ready.
    Announced announced(std::string& rest) {
        for (;;) {
            const std::size_t begin = rest.find_first_not_of("\r\n");
            const std::size_t end =
                begin == std::string::npos ? std::string::npos : rest.find("\r\n", begin);
            if (end == std::string::npos) {
                rest += next();
                continue;
            }
            const std::string line = rest.substr(begin, end - begin);
            rest.erase(0, end + 2);
            return read(line);
        }
    }

  private:
    static Announced read(const std::string& line) {
        if (line.starts_with('-'))
            throw error_from({.kind = Reply::Kind::Error, .text = line.substr(1)}, {"SYNC"});
        if (line.starts_with("$EOF:") && line.size() == 5 + kMark)
            return {.length = std::nullopt, .mark = line.substr(5)};
        std::int64_t length = 0;
        const auto parsed = std::from_chars(line.data() + 1, line.data() + line.size(), length);
        if (!line.starts_with('$') || parsed.ptr != line.data() + line.size())
            throw no_snapshot("it is announced in a form that is not known");
        return {.length = length, .mark = {}};
    }

    Stream& stream_;
    const Waiter& waiter_;
    std::array<char, kPiece> piece_{};
};

// Hands everything up to the end over; `rest` is what came already.
void receive(Reading& reading, const Announced& announced, std::string rest, Receiver& receiver,
             const std::function<void(std::int64_t)>& poll) {
    for (;;) {
        if (announced.length) {
            const std::int64_t left = *announced.length - receiver.bytes();
            receiver.add(std::string_view(rest).substr(0, static_cast<std::size_t>(left)));
            if (receiver.bytes() == *announced.length) return;
            rest.clear();
        } else if (rest.ends_with(announced.mark)) {
            receiver.add(std::string_view(rest).substr(0, rest.size() - kMark));
            return;
        } else if (rest.size() > kMark) {
            receiver.add(std::string_view(rest).substr(0, rest.size() - kMark));
            rest.erase(0, rest.size() - kMark);
        }
        poll(receiver.bytes());
        rest += reading.next();
    }
}

}  // namespace

std::uint64_t crc64(std::uint64_t so_far, std::string_view bytes) {
    static const std::array<std::uint64_t, 256> kTable = make_table();
    for (const char c : bytes)
        so_far = kTable[(so_far ^ static_cast<unsigned char>(c)) & 0xff] ^ (so_far >> 8);
    return so_far;
}

Snapshot save_snapshot(Server& server, const std::string& path,
                       const std::function<void(std::int64_t bytes)>& poll) {
    const std::filesystem::path place(path);
    const std::string folder = place.parent_path();
    const os::UniqueFd at(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!at.valid()) throw_errno(ErrorCode::File, "opening " + folder, errno);
    os::AtomicFile file(at.get(), place.filename(), 0600);

    Connection connection = server.another();
    // Then the server may send it straight from memory, and no stream of changes follows.
    (void)connection.call({"REPLCONF", "capa", "eof"});
    try {
        (void)connection.call({"REPLCONF", "rdb-only", "1"});
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Redis) throw;  // servers before 7 do not know it
    }
    Reading reading(connection.begin_stream({"SYNC"}), server.waiter());
    std::string rest;
    const Announced announced = reading.announced(rest);
    Receiver receiver(file);
    receive(reading, announced, std::move(rest), receiver, poll);
    const Snapshot made = receiver.finish();
    file.commit();
    return made;
}

}  // namespace drydock::redis
