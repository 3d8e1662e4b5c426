using System.Text;
using Cmsa.Cli;
using Cmsa.Dsl.Torch;

Console.OutputEncoding = new UTF8Encoding(false);
Memory.Keep();
return Application.Run(args);
