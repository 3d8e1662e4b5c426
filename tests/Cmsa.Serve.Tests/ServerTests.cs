using System.Net;
using System.Text.Json;

namespace Cmsa.Serve.Tests;

/// <summary>The server, asked over HTTP without a browser.</summary>
[Trait("Speed", "Slow")]
public sealed class ServerTests(Served served) : IClassFixture<Served>
{
    private static HttpClient ClientOf(Server server) => new() { BaseAddress = server.Address };

    private static async Task<byte[]> Scene(HttpClient client) => await client.GetByteArrayAsync("api/scenes/0");

    private static async Task<string> Opened(HttpClient client)
    {
        using var answer = await client.PostAsync("api/pictures", new ByteArrayContent(await Scene(client)));
        return (await JsonOf(answer)).GetProperty("token").GetString()!;
    }

    private static async Task<JsonElement> JsonOf(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    private static async Task Refused(HttpResponseMessage answer, HttpStatusCode status, string what)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(what, (await JsonOf(answer)).GetProperty("what").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_is_opened_asked_and_forgotten()
    {
        await using var server = await served.Start();
        using var client = ClientOf(server);
        var token = await Opened(client);
        var mask = await JsonOf(await client.PostAsync($"api/pictures/{token}/mask", new StringContent("the red quux")));
        var pixels = mask.GetProperty("height").GetInt32() * mask.GetProperty("width").GetInt32();
        Assert.Equal(pixels, mask.GetProperty("runs").EnumerateArray().Sum(run => run.GetInt32()));
        Assert.Equal(
            ["known", "known", "unknown"],
            mask.GetProperty("words").EnumerateArray().Select(w => w.GetProperty("use").GetString())
        );
        var maps = await JsonOf(await client.PostAsync($"api/pictures/{token}/maps", new StringContent("the red quux")));
        Assert.Equal(3, maps.GetProperty("maps").GetArrayLength());
        var whole = await client.PostAsync($"api/pictures/{token}/mask.png", new StringContent("the red quux"));
        var picture = PictureFile.Decode(await whole.Content.ReadAsByteArrayAsync(), "mask").IfLeft(_ => null!);
        Assert.Equal((192, 192), (picture.Height, picture.Width));
        var runs = Answers.RunsOf(picture);
        Assert.Equal(runs, mask.GetProperty("runs").EnumerateArray().Select(run => run.GetInt32()));
        await client.PostAsync($"api/pictures/{token}/forget", null);
        Assert.Equal(0, server.Open);
        await Refused(
            await client.PostAsync($"api/pictures/{token}/mask", new StringContent("red")),
            HttpStatusCode.NotFound,
            "not open"
        );
    }

    [Fact]
    public async Task What_cannot_be_used_is_one_error()
    {
        await using var server = await served.Start(new(Bytes: 200_000, Pixels: 40_000, Pictures: 1, Letters: 20));
        using var client = ClientOf(server);
        Task<HttpResponseMessage> Picture(byte[] file) => client.PostAsync("api/pictures", new ByteArrayContent(file));
        await Refused(await Picture([]), HttpStatusCode.BadRequest, "no picture");
        await Refused(await Picture(new byte[200_001]), HttpStatusCode.RequestEntityTooLarge, "200,000 bytes");
        await Refused(await Picture("no picture"u8.ToArray()), HttpStatusCode.UnsupportedMediaType, "not a picture");
        await Refused(await Picture((await Scene(client))[..200]), HttpStatusCode.UnsupportedMediaType, "cut off");
        var large = PictureFile.Png(new(300, 300, new byte[3 * 300 * 300]));
        await Refused(await Picture(large), HttpStatusCode.RequestEntityTooLarge, "too large");
        var token = await Opened(client);
        await Refused(await Picture(await Scene(client)), HttpStatusCode.TooManyRequests, "open already");
        Task<HttpResponseMessage> Ask(string text) =>
            client.PostAsync($"api/pictures/{token}/mask", new StringContent(text));
        await Refused(await Ask(" "), HttpStatusCode.BadRequest, "empty");
        await Refused(await Ask("quux"), HttpStatusCode.BadRequest, "knows none");
        await Refused(await Ask(new string('a', 21)), HttpStatusCode.RequestEntityTooLarge, "20 letters");
        await Refused(await client.GetAsync("api/scenes/99"), HttpStatusCode.NotFound, "nothing");
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    [InlineData("/api/scenes/..%2f..%2fetc%2fpasswd")]
    [InlineData("/experiment.json")]
    public async Task No_file_is_readable(string path)
    {
        await using var server = await served.Start();
        using var client = ClientOf(server);
        await Refused(await client.GetAsync(path), HttpStatusCode.NotFound, "nothing");
    }

    [Fact]
    public async Task Another_site_is_not_answered_and_the_page_allows_its_own_code_alone()
    {
        await using var server = await served.Start();
        using var client = ClientOf(server);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "api/pictures");
        foreign.Headers.Add("Origin", "http://elsewhere.example");
        await Refused(await client.SendAsync(foreign), HttpStatusCode.Forbidden, "another site");
        using var renamed = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "elsewhere.example" } };
        await Refused(await client.SendAsync(renamed), HttpStatusCode.Forbidden, "another site");
        using var page = await client.GetAsync("/");
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_goes_when_its_time_is_up()
    {
        var clock = new SetClock();
        await using var server = await served.Start(new(Idle: TimeSpan.FromMinutes(10)), clock);
        using var client = ClientOf(server);
        var token = await Opened(client);
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(1, server.Open);
        // A question begins its time again.
        await client.PostAsync($"api/pictures/{token}/mask", new StringContent("red"));
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(1, server.Open);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, server.Open);
    }

    // A clock that the test sets; each step forward is told to the timers.
    private sealed class SetClock : TimeProvider
    {
        private readonly List<Action> timers = [];
        private DateTimeOffset now = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => now;

        public void Advance(TimeSpan by)
        {
            now += by;
            foreach (var tell in timers)
                tell();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan due, TimeSpan period)
        {
            timers.Add(() => callback(state));
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private static class Answers
    {
        public static int[] RunsOf(Picture mask) =>
            MaskAnswer.RunsOf([.. mask.Rgb.Where((_, i) => i % 3 == 0).Select(v => (byte)(v / 255))]);
    }
}
