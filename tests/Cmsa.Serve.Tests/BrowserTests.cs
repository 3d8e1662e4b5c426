using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Cmsa.Serve.Tests;

/// <summary>A test in Debian's Chromium; skipped where there is none.</summary>
public sealed class ChromiumFactAttribute : FactAttribute
{
    internal static string? Path { get; } =
        ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser"]).FirstOrDefault(File.Exists);

    public ChromiumFactAttribute() => Skip = Path is null ? "there is no chromium: apt-get install chromium" : null!;
}

/// <summary>The page, used as a person does. CMSA_SHOTS names a folder for pictures of it, CMSA_AXE a file of axe-core.</summary>
[Trait("Speed", "Slow")]
public sealed class BrowserTests(Served served) : IClassFixture<Served>
{
    [ChromiumFact]
    public Task Wide() => Use(new() { ViewportSize = new() { Width = 1200, Height = 900 } }, "wide");

    [ChromiumFact]
    public Task Phone_in_the_dark() =>
        Use(
            new() { ViewportSize = new() { Width = 400, Height = 800 }, ColorScheme = ColorScheme.Dark },
            "phone"
        );

    private async Task Use(BrowserNewPageOptions options, string name)
    {
        await using var server = await served.Start();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = ChromiumFactAttribute.Path, Args = ["--no-sandbox"] }
        );
        var page = await browser.NewPageAsync(options);
        var wrong = new List<string>();
        page.PageError += (_, error) => wrong.Add(error);
        page.Console += (_, line) =>
        {
            // Half a word that the model does not know is a refused question, which Chromium logs.
            if (line.Type == "error" && !line.Text.Contains("status of 400", StringComparison.Ordinal))
                wrong.Add(line.Text);
        };
        await page.GotoAsync($"{server.Address}");

        // The keyboard alone: a scene, an expression, a word's map, kept expressions.
        await page.Locator("#gallery button").First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#expression")).ToBeEnabledAsync();
        await Assertions.Expect(page.Locator("#keep")).ToBeEnabledAsync();
        await page.Locator("#expression").FillAsync("");
        await page.Locator("#expression").PressSequentiallyAsync("the red circle", new() { Delay = 30 });
        await Assertions.Expect(page.Locator("#status")).ToContainTextAsync("“the red circle”");
        await Assertions.Expect(page.Locator("#words canvas")).ToHaveCountAsync(3);
        await page.Locator("#keep").PressAsync("Enter");
        await page.Locator("#expression").FillAsync("blue quux");
        await Assertions.Expect(page.Locator("#words")).ToContainTextAsync("not known");
        await Assertions.Expect(page.Locator("#words canvas")).ToHaveCountAsync(2);
        await Shot(page, $"{name}-masks");
        await page.Locator("#words button").First.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#stage")).ToHaveAttributeAsync("aria-label", new Regex("word blue looks"));
        await Shot(page, $"{name}-map");
        foreach (var (button, ending) in (Many<(string, string)>)[("#save-mask", ".mask.png"), ("#save-overlay", ".overlay.png")])
        {
            var saved = await page.RunAndWaitForDownloadAsync(() => page.Locator(button).ClickAsync());
            Assert.EndsWith(ending, saved.SuggestedFilename, StringComparison.Ordinal);
        }
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways");
        Assert.Empty(wrong);

        if (Environment.GetEnvironmentVariable("CMSA_AXE") is { Length: > 0 } axe)
        {
            // Evaluated, not inserted: the page's policy allows no code but its own.
            await page.EvaluateAsync(await File.ReadAllTextAsync(axe) + "; 0");
            var found = await page.EvaluateAsync<string[]>(
                "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' ')))"
            );
            Assert.Empty(found);
        }
        await page.Locator("#expression").FillAsync("quux");
        await Assertions.Expect(page.Locator("#problem")).ToContainTextAsync("knows none of its words");
        Assert.Equal(1, server.Open);
        await page.GotoAsync("about:blank");
        var end = DateTime.UtcNow.AddSeconds(5);
        while (server.Open > 0 && DateTime.UtcNow < end)
            await Task.Delay(50);
        Assert.Equal(0, server.Open);
    }

    private static async Task Shot(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CMSA_SHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
    }
}
