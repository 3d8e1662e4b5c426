global using Cmsa.Data.Crf;
global using Cmsa.Data.Loading;
global using Cmsa.Data.Masks;
global using Cmsa.Data.Pictures;
global using Cmsa.Data.Refer;
global using Cmsa.Data.Samples;
global using Cmsa.Data.Scenes;
global using Cmsa.Data.Words;
