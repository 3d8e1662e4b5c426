using System.Globalization;

namespace Cmsa.Experiments.Reports;

/// <summary>
/// What the pages of all reports share: one HTML file that needs nothing else, and what stands on it.
/// </summary>
internal static class Page
{
    /// <summary>A page.</summary>
    /// <param name="title">Its title, as text.</param>
    /// <param name="kind">What it is a report of, as HTML.</param>
    /// <param name="heading">Its heading, as HTML.</param>
    /// <param name="lead">Its first sentences, as HTML.</param>
    /// <param name="sections">The rest, as HTML.</param>
    public static string Of(string title, string kind, string heading, string lead, string sections) =>
        $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Text(title)}</title>
            <style>{Style}</style></head><body><main>
            <header><p class="kind">{kind}</p>
            <h1>{heading}</h1>
            <p class="lead">{lead}</p></header>
            {sections}
            </main></body></html>

            """;

    /// <summary>Text inside HTML.</summary>
    public static string Text(string text) => System.Net.WebUtility.HtmlEncode(text);

    /// <summary>A number with its name above and a note below.</summary>
    public static string Card(string name, string value, string note) =>
        $"""<div class="card"><p>{name}</p><b>{value}</b><small>{note}</small></div>""";

    /// <summary>A picture with a caption below.</summary>
    public static string Shot(string name, Picture picture) =>
        $"""<figure><img alt="{Text(name)}" src="""
        + $"""
            "data:image/png;base64,{Convert.ToBase64String(PictureFile.Png(picture))}"
            """
        + $"""><figcaption>{Text(name)}</figcaption></figure>""";

    /// <summary>A share in percent.</summary>
    public static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private const string Style = """
        :root{--ink:#1f2933;--quiet:#616e7c;--line:#e4e7eb;--blue:#2563b0}
        body{margin:0;background:#f5f7fa;color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif}
        main{max-width:1180px;margin:0 auto;padding:36px 24px 60px}
        header{margin-bottom:22px}.kind{color:var(--blue);font-weight:600;margin:0;letter-spacing:.02em}
        h1{font-size:34px;line-height:1.2;margin:4px 0 8px}h1 span{color:var(--quiet);font-weight:400}
        .lead{font-size:17px;max-width:80ch;margin:0}
        section{background:#fff;border:1px solid var(--line);border-radius:12px;padding:20px 24px;margin:18px 0}
        h2{margin:0 0 6px;font-size:20px}h3{font-size:15px;margin:14px 0 4px}.note{color:var(--quiet);margin:0 0 12px;max-width:95ch}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:14px;background:none;border:0;padding:0}
        .card{background:#fff;border:1px solid var(--line);border-radius:12px;padding:14px 18px}
        .card p{margin:0;color:var(--quiet)}.card b{display:block;font-size:28px;line-height:1.3}
        .card small{color:var(--quiet)}
        .card:first-child{background:var(--blue);border-color:var(--blue)}.card:first-child *{color:#fff}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th{font-weight:600;color:var(--quiet);text-align:right;padding:6px 10px;border-bottom:1px solid var(--line)}
        td{text-align:right;padding:6px 10px;border-bottom:1px solid var(--line)}
        th:first-child,td:first-child{text-align:left;padding-left:0}.quiet{color:var(--quiet)}
        .bar{width:34%}.bar i{display:block;height:9px;border-radius:5px;background:var(--blue)}
        .two{display:grid;grid-template-columns:1fr 1fr;gap:28px}.chart{width:100%;height:auto}
        .chart text{font-size:11px;fill:#616e7c}.chart .title{font-size:13px;font-weight:600;fill:#1f2933}
        .gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:16px}
        article{border:1px solid var(--line);border-radius:10px;padding:12px 14px}
        article h3{margin:0;font-size:16px}.topic{margin:0 0 8px;color:var(--quiet);font-size:13px}
        .shots{display:grid;grid-auto-flow:column;grid-auto-columns:1fr;gap:8px}
        .words{display:grid;grid-template-columns:repeat(6,1fr);gap:6px;margin-top:8px}
        figure{margin:0}img{width:100%;display:block;border-radius:5px;image-rendering:auto}
        figcaption{font-size:12px;color:var(--quiet);text-align:center;overflow:hidden;text-overflow:ellipsis}
        .diagram{overflow-x:auto}.diagram svg{max-width:100%;height:auto}
        pre{background:#f5f7fa;border-radius:8px;padding:12px 14px;font-size:12.5px;white-space:pre-wrap;word-break:break-word;margin:0}
        .strip{display:grid;grid-template-columns:repeat(auto-fill,minmax(120px,1fr));gap:10px}
        .strip figcaption{white-space:normal;line-height:1.25}.row{margin-top:14px}
        @media(max-width:800px){.two{grid-template-columns:1fr}}
        """;
}
