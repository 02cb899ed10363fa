// What one core can do: the export bench's whole set of metrics, from the loopback server, with nothing between.
//
//     limit PORT DAY...        prints the answers as JSON; days are yyyy-mm-dd, in order
//
// ISA-L unpacks, simdjson reads on demand, tables are flat. It stores nothing and holds all events in memory.

#include <arpa/inet.h>
#include <isa-l/igzip_lib.h>
#include <simdjson.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using std::string;
using std::string_view;

[[noreturn]] static void fail(const char* what) {
    std::fprintf(stderr, "limit: %s\n", what);
    std::exit(1);
}

// ---- the network and gzip

static string download(int port, const string& day) {
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address)) fail("cannot connect");
    string request = "GET /api/2.0/export?project_id=1&from_date=" + day + "&to_date=" + day +
                     " HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n";
    if (write(connection, request.data(), request.size()) < 0) fail("cannot ask");
    string answer(1 << 20, '\0');
    size_t size = 0;
    for (;;) {
        if (size == answer.size()) answer.resize(size * 2);
        ssize_t got = read(connection, answer.data() + size, answer.size() - size);
        if (got < 0) fail("the connection broke");
        if (got == 0) break;
        size += got;
    }
    close(connection);
    answer.resize(size);
    size_t body = answer.find("\r\n\r\n");
    if (body == string::npos || answer.compare(9, 3, "200") != 0) fail("not answered with 200");
    return answer.substr(body + 4);
}

static size_t unpack(const string& packed, std::vector<char>& plain) {
    static inflate_state state;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    state.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(packed.data()));
    state.avail_in = packed.size();
    size_t size = 0;
    do {
        if (plain.size() < size + (4 << 20)) plain.resize(plain.size() * 2 + (8 << 20));
        state.next_out = reinterpret_cast<uint8_t*>(plain.data() + size);
        state.avail_out = plain.size() - size - simdjson::SIMDJSON_PADDING;
        uint32_t room = state.avail_out;
        if (isal_inflate(&state) != ISAL_DECOMP_OK) fail("not gzip");
        size += room - state.avail_out;
    } while (state.block_state != ISAL_BLOCK_FINISH);
    return size;
}

// ---- flat tables

static uint64_t hash_of(string_view text, uint64_t seed = 0x9E3779B97F4A7C15ull) {
    uint64_t hash = seed ^ text.size();
    const char* place = text.data();
    size_t left = text.size();
    auto mix = [&](uint64_t word) {
        __uint128_t product = static_cast<__uint128_t>(hash ^ word) * 0xD6E8FEB86659FD93ull;
        hash = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    };
    for (uint64_t word; left >= 8; place += 8, left -= 8) std::memcpy(&word, place, 8), mix(word);
    uint64_t rest = 0;
    std::memcpy(&rest, place, left);
    mix(rest);
    return hash;
}

// Numbers texts in the order they are first seen; texts are compared, never only their hashes.
class Numbers {
  public:
    Numbers() : slots(1 << 12, 0) {}

    uint32_t of(string_view text) {
        if (names.size() * 2 > slots.size()) grow();
        uint64_t hash = hash_of(text);
        for (size_t place = hash & (slots.size() - 1);; place = (place + 1) & (slots.size() - 1)) {
            uint64_t slot = slots[place];
            if (!slot) {
                names.emplace_back(text);
                slots[place] = (hash & ~MASK) | names.size();
                return names.size() - 1;
            }
            if (((slot ^ hash) & ~MASK) == 0 && names[(slot & MASK) - 1] == text) return (slot & MASK) - 1;
        }
    }

    std::vector<string> names;

  private:
    static constexpr uint64_t MASK = (1ull << 32) - 1;
    std::vector<uint64_t> slots;  // the upper half of the hash, and the number plus one

    void grow() {
        std::vector<uint64_t> wider(slots.size() * 2, 0);
        for (size_t number = 0; number < names.size(); number++) {
            uint64_t hash = hash_of(names[number]);
            size_t place = hash & (wider.size() - 1);
            while (wider[place]) place = (place + 1) & (wider.size() - 1);
            wider[place] = (hash & ~MASK) | (number + 1);
        }
        slots.swap(wider);
    }
};

// ---- the events of a day, each once

constexpr uint32_t NOBODY = UINT32_MAX;
constexpr uint16_t UNSET = UINT16_MAX;

struct Row {
    string_view insert_id;
    int64_t time, ingested;
    double amount;
    uint32_t user;
    uint16_t event, plan, country;
};

struct Events {  // of all days, in columns
    std::vector<uint32_t> user, time;
    std::vector<uint16_t> event;
};

class Reader {
  public:
    Numbers users, names, plans, countries;
    Events events;
    std::map<uint16_t, uint64_t> page_views_by_plan;
    std::map<uint16_t, std::vector<bool>> buyers_by_country;
    int64_t cents = 0;
    uint16_t page_view = names.of("Page View"), purchase = names.of("Purchase");

    void add_day(std::vector<char>& plain, size_t size) {
        rows.clear();
        slots.assign(1 << 14, 0);
        for (size_t start = 0; start < size;) {
            const char* end = static_cast<const char*>(std::memchr(plain.data() + start, '\n', size - start));
            if (!end) fail("the last line is cut");
            size_t length = end - (plain.data() + start);
            keep(read(plain.data() + start, length, plain.size() - start));
            start += length + 1;
        }
        for (const Row& row : rows) count(row);
    }

  private:
    simdjson::ondemand::parser parser;
    std::vector<Row> rows;
    std::vector<uint32_t> slots;

    static string_view raw_text(string_view token) {  // a scalar's JSON text, without what follows it
        while (!token.empty() && token.back() == ' ') token.remove_suffix(1);
        return token;
    }

    static bool is(const char* key, string_view name) { return !std::memcmp(key, name.data(), name.size()); }

    Row read(const char* line, size_t length, size_t room) {
        Row row{{}, 0, 0, NAN, NOBODY, UNSET, UNSET, UNSET};
        auto document = parser.iterate(line, length, room);
        for (auto field : document.get_object()) {
            const char* key = field.key().value().raw();
            if (is(key, "event\"")) row.event = names.of(field.value().get_string());
            if (is(key, "properties\"")) read_properties(field.value().get_object(), row);
        }
        return row;
    }

    void read_properties(simdjson::ondemand::object properties, Row& row) {
        for (auto field : properties) {
            const char* key = field.key().value().raw();  // with its closing quote
            switch (key[0]) {
                case 't':
                    if (is(key, "time\"")) row.time = field.value().get_int64();
                    break;
                case 'd':
                    if (is(key, "distinct_id\"")) {
                        string_view id = field.value().get_string();
                        if (!id.empty()) row.user = users.of(id);
                    }
                    break;
                case '$':
                    if (is(key, "$insert_id\"")) row.insert_id = raw_text(field.value().raw_json_token());
                    break;
                case 'm':
                    if (is(key, "mp_processing_time_ms\"")) row.ingested = field.value().get_int64();
                    if (is(key, "mp_country_code\"")) row.country = countries.of(raw_text(field.value().raw_json_token()));
                    break;
                case 'p':
                    if (is(key, "plan\"")) row.plan = plans.of(raw_text(field.value().raw_json_token()));
                    break;
                case 'a':
                    if (is(key, "amount\"")) read_amount(field.value(), row);
                    break;
            }
        }
    }

    static void read_amount(simdjson::ondemand::value value, Row& row) {
        if (value.type() == simdjson::ondemand::json_type::number) row.amount = value.get_double();
    }

    void keep(const Row& row) {
        if (rows.size() * 2 > slots.size()) grow();
        for (size_t place = hash_of(row) & (slots.size() - 1);; place = (place + 1) & (slots.size() - 1)) {
            if (!slots[place]) {
                rows.push_back(row);
                slots[place] = rows.size();
                return;
            }
            Row& other = rows[slots[place] - 1];
            if (same(other, row)) {
                if (row.ingested > other.ingested) other = row;
                return;
            }
        }
    }

    void grow() {
        slots.assign(slots.size() * 2, 0);
        for (size_t number = 0; number < rows.size(); number++) {
            size_t place = hash_of(rows[number]) & (slots.size() - 1);
            while (slots[place]) place = (place + 1) & (slots.size() - 1);
            slots[place] = number + 1;
        }
    }

    static uint64_t hash_of(const Row& row) { return ::hash_of(row.insert_id, row.time ^ row.user); }

    static bool same(const Row& one, const Row& other) {
        return one.time == other.time && one.user == other.user && one.event == other.event &&
               one.insert_id == other.insert_id;
    }

    void count(const Row& row) {
        events.user.push_back(row.user);
        events.time.push_back(row.time);
        events.event.push_back(row.event);
        if (row.event == page_view) page_views_by_plan[row.plan]++;
        if (row.event != purchase) return;
        if (!std::isnan(row.amount)) cents += std::llround(row.amount * 100);
        if (row.user == NOBODY) return;
        auto& buyers = buyers_by_country[row.country];
        if (buyers.size() <= row.user) buyers.resize(users.names.size() * 2);
        buyers[row.user] = true;
    }
};

// ---- the metrics

constexpr int64_t DAY = 86400;
constexpr int64_t GRACE = 2;  // seconds

struct Metrics {
    const Reader& reader;
    int64_t first;  // the first day, in days since 1970
    int days;
    std::vector<bool> activity{};
    std::vector<uint64_t> days_of_user{};  // a bit for each day

    void run() {
        for (const string& name : reader.names.names)
            activity.push_back(name != "$identify" && name.rfind("$mp_", 0) != 0);
        days_of_user.assign(reader.users.names.size(), 0);
        const Events& events = reader.events;
        for (size_t row = 0; row < events.user.size(); row++)
            if (activity[events.event[row]] && events.user[row] != NOBODY)
                days_of_user[events.user[row]] |= 1ull << (events.time[row] / DAY - first);
        std::printf("{");
        counts();
        actives();
        breakdowns();
        funnel();
        retention();
        std::printf("}\n");
    }

    void counts() {
        const Events& events = reader.events;
        size_t width = reader.users.names.size();
        std::vector<uint64_t> totals(reader.names.names.size()), users(totals.size());
        std::vector<std::vector<bool>> seen(totals.size(), std::vector<bool>(width));
        for (size_t row = 0; row < events.user.size(); row++) {
            uint16_t event = events.event[row];
            totals[event]++;
            if (events.user[row] == NOBODY || seen[event][events.user[row]]) continue;
            seen[event][events.user[row]] = true;
            users[event]++;
        }
        print("totals", reader.names.names, totals);
        print("users", reader.names.names, users);
    }

    uint64_t users_of(int from, int to) const {
        uint64_t window = ((to - from == 64 ? 0 : 1ull << (to - from)) - 1) << from;
        return std::count_if(days_of_user.begin(), days_of_user.end(), [&](uint64_t days) { return days & window; });
    }

    void actives() {
        std::printf("\"dau\":[");
        for (int day = 0; day < days; day++) std::printf("%s%lu", day ? "," : "", users_of(day, day + 1));
        std::printf("],\"wau\":[");
        for (int day = 6; day < days; day++) std::printf("%s%lu", day > 6 ? "," : "", users_of(day - 6, day + 1));
        std::printf("],\"range\":%lu,", users_of(0, days));
    }

    void breakdowns() {
        std::printf("\"page_views_by_plan\":{");
        const char* comma = "";
        for (auto [plan, views] : reader.page_views_by_plan)
            std::printf("%s%s:%lu", comma, label(reader.plans, plan).c_str(), views), comma = ",";
        std::printf("},\"buyers_by_country\":{");
        comma = "";
        for (auto& [country, buyers] : reader.buyers_by_country) {
            size_t number = std::count(buyers.begin(), buyers.end(), true);
            std::printf("%s%s:%lu", comma, label(reader.countries, country).c_str(), number), comma = ",";
        }
        std::printf("},\"cents\":%ld,", reader.cents);
    }

    // Each step after the one before, or up to 2 s ahead of it, the last within 7 times 24 hours of the first; the farthest attempt.
    void funnel() {
        const char* steps[] = {"View Item", "Add To Cart", "Purchase"};
        struct Moment { uint32_t user, time; int step; };
        std::vector<int> step_of(reader.names.names.size(), -1);
        for (size_t name = 0; name < step_of.size(); name++)
            for (int step = 0; step < 3; step++)
                if (reader.names.names[name] == steps[step]) step_of[name] = step;
        std::vector<Moment> moments;
        const Events& events = reader.events;
        for (size_t row = 0; row < events.user.size(); row++)
            if (int step = step_of[events.event[row]]; step >= 0 && events.user[row] != NOBODY)
                moments.push_back({events.user[row], events.time[row], step});
        std::sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
            if (a.user != b.user) return a.user < b.user;
            return a.time < b.time;
        });
        uint64_t reached[3] = {0, 0, 0};
        for (size_t row = 0; row < moments.size();) {
            uint32_t user = moments[row].user;
            size_t begin = row;
            while (row < moments.size() && moments[row].user == user) row++;
            int far = -1;
            std::vector<std::pair<int64_t, int64_t>> before, here;  // when a step was done, and its latest first step
            for (int step = 0; step < 3 && far == step - 1; step++) {
                here.clear();
                size_t next = 0;
                for (size_t one = begin; one < row; one++) {
                    int64_t time = moments[one].time;
                    if (moments[one].step != step) continue;
                    if (step == 0) { here.push_back({time, time}); continue; }
                    while (next < before.size() && before[next].first <= time + GRACE) next++;
                    if (next > 0 && time - before[next - 1].second <= 7 * DAY)
                        here.push_back({time, before[next - 1].second});
                }
                if (!here.empty()) far = step;
                before.swap(here);
            }
            for (int step = 0; step <= far; step++) reached[step]++;
        }
        std::printf("\"funnel\":[%lu,%lu,%lu],", reached[0], reached[1], reached[2]);
    }

    // Of those who signed up in the cohort's days, who did anything 7 to 8 times 24 hours after the first time.
    void retention() {
        constexpr int AFTER = 7, PERIOD = 7;
        uint32_t end = (first + days - AFTER - 1) * DAY, start = end - PERIOD * DAY;
        std::vector<uint32_t> born(reader.users.names.size(), UINT32_MAX);
        const Events& events = reader.events;
        for (size_t row = 0; row < events.user.size(); row++)
            if (events.user[row] != NOBODY && reader.names.names[events.event[row]] == "Sign Up" &&
                events.time[row] >= start && events.time[row] < end)
                born[events.user[row]] = std::min(born[events.user[row]], events.time[row]);
        std::vector<bool> back(born.size());
        for (size_t row = 0; row < events.user.size(); row++) {
            if (events.user[row] == NOBODY || !activity[events.event[row]]) continue;
            int64_t since = int64_t(events.time[row]) - born[events.user[row]];
            if (since >= AFTER * DAY && since < (AFTER + 1) * DAY) back[events.user[row]] = true;
        }
        size_t cohort = std::count_if(born.begin(), born.end(), [](uint32_t time) { return time != UINT32_MAX; });
        std::printf("\"retention\":%.9f", double(std::count(back.begin(), back.end(), true)) / cohort);
    }

    static string label(const Numbers& numbers, uint16_t value) {
        if (value == UNSET) return "\"null\"";
        string text = numbers.names[value];
        return text[0] == '"' ? text : "\"" + text + "\"";
    }

    static void print(const char* title, const std::vector<string>& names, const std::vector<uint64_t>& numbers) {
        std::printf("\"%s\":{", title);
        const char* comma = "";
        for (size_t place = 0; place < names.size(); place++)
            if (numbers[place]) std::printf("%s\"%s\":%lu", comma, names[place].c_str(), numbers[place]), comma = ",";
        std::printf("},");
    }
};

static int64_t day_number(const string& day) {
    tm parts{};
    if (!strptime(day.c_str(), "%Y-%m-%d", &parts)) fail("a day is yyyy-mm-dd");
    return timegm(&parts) / DAY;
}

int main(int count, char** words) {
    if (count < 3) fail("limit PORT DAY...");
    Reader reader;
    std::vector<char> plain(32 << 20);
    for (int word = 2; word < count; word++) {
        size_t size = unpack(download(std::atoi(words[1]), words[word]), plain);
        reader.add_day(plain, size);
    }
    Metrics{reader, day_number(words[2]), count - 2}.run();
}
