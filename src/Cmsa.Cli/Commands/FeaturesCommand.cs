using System.CommandLine;
using Cmsa.Backbones;
using Cmsa.Experiments.Reports;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa features PHOTO ... -o FOLDER</c>: what a pretrained backbone sees in photographs, as pictures.</summary>
public static class FeaturesCommand
{
    private static readonly string names = string.Join(", ", ImageNetBackbone.All.Map(b => b.Name));

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var photos = new Argument<string[]>("PHOTO")
        {
            Description = "JPEG or PNG files.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description = "The folder for the pictures, PHOTO.features.png.",
            HelpName = "FOLDER",
            Required = true,
        };
        var backbone = new System.CommandLine.Option<string>("--backbone")
        {
            Description = $"The pretrained backbone: {names}.",
            HelpName = "NAME",
            DefaultValueFactory = _ => ImageNetBackbone.ResNet18.Name,
        };
        var side = new System.CommandLine.Option<int>("--side")
        {
            Description = "The longer side that a photograph is brought to, in pixels.",
            HelpName = "N",
            DefaultValueFactory = _ => 320,
        };
        var command = new Command(
            "features",
            "Shows what a backbone pretrained on ImageNet sees in photographs: for each, the photograph and the first "
                + "three principal components of Res3, Res4 and Res5 as red, green and blue. Example: cmsa features "
                + "street.jpg -o features"
        )
        {
            photos,
            output,
            backbone,
            side,
        };
        command.SetAction(line =>
            Application.Exit(
                from chosen in Find(line.GetRequiredValue(backbone))
                from files in Named([.. line.GetRequiredValue(photos)], line.GetRequiredValue(output))
                from pictures in FeaturePictures.Open(chosen, line.GetValue(side))
                from code in Written(pictures, files)
                select code
            )
        );
        return command;
    }

    private static Either<Error, ImageNetBackbone> Find(string name) =>
        ImageNetBackbone
            .Find(name)
            .ToEither(new Error($"no pretrained backbone is called {name}", "--backbone", $"there is {names}"));

    // Each photograph with the file of its sheet; two sheets of one name would be one.
    private static Either<Error, Many<(string Photo, string Sheet)>> Named(Many<string> photos, string folder)
    {
        var files = photos.Map(photo =>
            (photo, Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(photo)}.features.png"))
        );
        return files.GroupBy(file => file.Item2).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? new Error(
                $"{string.Join(" and ", twice.Select(file => file.photo))} would both be written there",
                twice.Key,
                "show them one after the other, with folders of their own"
            )
            : files;
    }

    // A photograph that cannot be read costs its own sheet; where it is the only one, it is the error.
    private static Either<Error, int> Written(FeaturePictures pictures, Many<(string Photo, string Sheet)> files)
    {
        using (pictures)
        {
            var unread = 0;
            foreach (var (photo, sheet) in files)
            {
                var read = PictureFile.Read(photo);
                if (read.Case is Error wrong)
                {
                    if (files.Count == 1)
                        return wrong;
                    Terminal.Complain($"skipped: {wrong}");
                    unread++;
                    continue;
                }
                var written = read.Bind(picture => Files.Write(sheet, PictureFile.Png(Sheet(pictures, picture))));
                if (written.Case is Error full)
                    return full;
                Terminal.Write($"{photo}: Res3, Res4 and Res5 in {sheet}");
            }
            return unread == 0 ? Application.Done : PredictCommand.Partly;
        }
    }

    // The photograph and its levels side by side, a title below each.
    private static Picture Sheet(FeaturePictures pictures, Picture photograph) =>
        Painting.Beside([
            .. pictures.Of(photograph)
                .Map(p => Painting.Below([p.Shown, Painting.Text(p.Level, p.Shown.Width)], gap: 2)),
        ]);
}
