using System.Diagnostics;
using System.Globalization;
using System.Text;
using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Scoring;
using LanguageExt;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Cmsa.Serve;

/// <summary>What the server answers, by address. Files of the page are in the assembly; no other file is read.</summary>
internal sealed class Endpoints(ServedModel model, Limits limits, OpenPictures open, PictureQueue queue)
{
    private const int MostWordsShown = 300;

    private readonly Many<GalleryScene> scenes = Gallery.Scenes();

    /// <summary>Puts the addresses into an application.</summary>
    public void Map(WebApplication app)
    {
        app.MapGet("/", PageFile("index.html", "text/html; charset=utf-8"));
        app.MapGet("/page.css", PageFile("page.css", "text/css; charset=utf-8"));
        app.MapGet("/page.js", PageFile("page.js", "text/javascript; charset=utf-8"));
        app.MapGet("/favicon.ico", NoIcon);
        app.MapGet("/api/model", context => Reply.Json(context, About));
        app.MapGet("/api/scenes/{number}", Scene);
        app.MapPost("/api/pictures", Take);
        app.MapPost("/api/pictures/{token}/mask", c => Answer(c, MaskAnswer.Of, Reply.Json));
        app.MapPost("/api/pictures/{token}/maps", c => Answer(c, MapsAnswer.Of, Reply.Json));
        app.MapPost("/api/pictures/{token}/mask.png", c => Answer(c, WholeMask, Png));
        app.MapPost("/api/pictures/{token}/forget", Forget);
        app.MapFallback("{*path}", context => Reply.Refuse(context, Nothing));
    }

    private static Refusal Nothing { get; } =
        Refusal.Missing(new("there is nothing at this address", "request", "the page is at /"));

    private object About =>
        new
        {
            model.Experiment.Name,
            MostWords = model.Experiment.Words,
            model.HasMaps,
            limits.Bytes,
            limits.Letters,
            Minutes = limits.KeptFor.TotalMinutes,
            Words = model.Vocabulary.Count <= MostWordsShown
                ? model.Vocabulary.Words.Filter(w => w.Length > 0 && model.Vocabulary.Knows(w))
                : [],
            Scenes = scenes.Map(scene => scene.Expression),
        };

    private static RequestDelegate PageFile(string name, string type)
    {
        using var stream =
            typeof(Endpoints).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The page's {name} is not in the assembly.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        var bytes = copy.ToArray();
        return context => Reply.Bytes(context, type, bytes);
    }

    private static Task NoIcon(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task Scene(HttpContext context)
    {
        var isNumber = int.TryParse(
            $"{context.Request.RouteValues["number"]}",
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        );
        return isNumber && number < scenes.Count
            ? Reply.Bytes(context, "image/png", scenes[number].Png)
            : Reply.Refuse(context, Nothing);
    }

    private async Task Take(HttpContext context)
    {
        var start = Stopwatch.GetTimestamp();
        if (open.Room.Case is Refusal full)
        {
            await Reply.Refuse(context, full).ConfigureAwait(false);
            return;
        }
        var bound = await queue
            .Take(context.Request, picture => OpenPicture.Of(model, picture), context.RequestAborted)
            .ConfigureAwait(false);
        var taken =
            from picture in bound
            from token in open.Add(picture)
            select new
            {
                Token = token,
                picture.Size.Height,
                picture.Size.Width,
                Milliseconds = Clock.Since(start),
            };
        await taken.Match(answer => Reply.Json(context, answer), refusal => Reply.Refuse(context, refusal)).ConfigureAwait(false);
    }

    private async Task Forget(HttpContext context)
    {
        await open.Forget($"{context.Request.RouteValues["token"]}").ConfigureAwait(false);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // The body is the expression as plain text.
    private async Task Answer<T>(
        HttpContext context,
        Func<OpenPicture, AskedWords, T> of,
        Func<HttpContext, T, Task> write
    )
    {
        var givenUp = context.RequestAborted;
        var expression = await Expression(context.Request, givenUp).ConfigureAwait(false);
        var asked =
            from picture in open.Find($"{context.Request.RouteValues["token"]}")
            from text in expression
            from words in AskedWords
                .Of(
                    text,
                    model.Vocabulary,
                    model.Experiment.Words,
                    "the list below the field",
                    model.Experiment.Training.Protocol
                )
                .MapLeft(Refusal.Bad)
            select (picture, words);
        var answer = await asked
            .MatchAsync(
                RightAsync: async q =>
                    (await q.picture.Ask(p => of(p, q.words), givenUp).ConfigureAwait(false)).ToEither(OpenPictures.Gone),
                Left: refusal => (Either<Refusal, T>)refusal
            )
            .ConfigureAwait(false);
        await answer.Match(a => write(context, a), refusal => Reply.Refuse(context, refusal)).ConfigureAwait(false);
    }

    private async Task<Either<Refusal, string>> Expression(HttpRequest request, CancellationToken givenUp)
    {
        // A letter has at most four bytes.
        var bytes = new byte[4 * limits.Letters + 1];
        var count = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, false, givenUp).ConfigureAwait(false);
        var text = Encoding.UTF8.GetString(bytes, 0, count).Trim();
        return count == bytes.Length || text.Length > limits.Letters
                ? Refusal.TooLarge(new($"the expression has more than {limits.Letters} letters", "expression", "write less"))
            : text.Length == 0 ? Refusal.Bad(new("the expression is empty", "expression", "write what to find"))
            : text;
    }

    private static byte[] WholeMask(OpenPicture picture, AskedWords words) =>
        PictureFile.Png(Painting.Of(picture.Mask(words.Tokens, picture.Size)));

    private static Task Png(HttpContext context, byte[] file) => Reply.Bytes(context, "image/png", file);
}
