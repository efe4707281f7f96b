"""The first things that people think of, and therefore the first that others try.

Only what has twelve characters or more needs to stand on the list, because
shorter passwords are refused anyway.  The words are those that people lengthen
with digits and signs, or put in pairs.
"""

_PASSWORDS = """
    000000000000 0123456789ab 010203040506 101010101010 102030405060 111111222222 111122223333
    111222333444 112233445566 11223344556677 1122334455667788 121212121212 123123123123
    123321123321 123454321123 1234512345123 123456123456 123456654321 1234567654321 12345678987654321
    123456789000 123456789012 1234567890123 123456789098 1234567890987654321 123456789123 123456789abc
    1234567890abc 1234567890qwerty 123456789qwe 123456abcdef 123456qwerty 1234abcd1234 1234abcd5678
    1234qwer1234 1234qwerasdf 1234qwerasdfzxcv 123698745632 123abc123abc 123abc456def 123qwe123qwe
    123qwe456asd 123qwe456rty 123qweasdzxc 131313131313 135791357913 142536475869 147258369147
    147258369000 147852369147 159357159357 159753159753 159753456852 159951159951 1a2b3c4d5e6f
    1a2s3d4f5g6h 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i9o0p 1q2w3e4r1q2w 1q2w3e1q2w3e 1qa2ws3ed4rf
    1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw23edc 1qazxsw23edcvfr4 1qwerty12345 246813579000 246824682468
    314159265358 3141592653589 31415926535897 314159265358979 271828182845 2718281828459 141421356237
    161803398874 112358132134 987654321000 987654321012 999999999999 a1b2c3d4e5f6 a1s2d3f4g5h6
    aa123456789a aa1234567890 abc123abc123 abc123456789 abc123def456 abcabcabcabc abcd1234abcd
    abcd12345678 abcd1234efgh abcd1234efgh5678 abcde1234567 abcdef123456 abcdefg12345 abcdefgh1234
    abcdefghijkl abcdefghijklm abcdefghijklmn abracadabra1 access123456 accessdenied accessgranted
    adgjmptwadgj administrador administrateur administrator administrator1 adminadminadmin aezakmi12345
    alohomora123 alphabetagamma allyourbasearebelongtous applepie1234 aristotle123 asd123asd123
    asdasdasdasd asdf1234asdf asdf1234qwer asdfasdfasdf asdfghjkl123 asdfghjkl1234 asdfghjklqwerty
    asdfjklasdfjkl asdfqwer1234 asdqwe123456 asdzxcqwe123 azertyuiop12 azertyuiop123 backtothefuture
    barcelona123 batteryhorse batterystaple beautifulday beautifulgirl becauseican blink182blink
    bluebluebluesky breakingbad1 bridgeoverthetroublewater californiacalifornia captainamerica
    carpediem123 changeitnow1 changeme1234 changemenow1 changemeplease changethispassword
    changepassword charliebrown cheesecake12 chocolatecake chocolatechip christmastree chuckie12345
    circleoflife computer1234 computerscience correcthorse correcthorsebattery
    correcthorsebatterystaple dallascowboys darthvader12 deadpool1234 deathnote123 defaultpassword
    dontforgetit dontforgetme donotforgetit donotforgetthis dragonball12 dragonballgt dragonballsuper
    dragonballz1 drowssap1234 drowssapdrowssap elizabeth123 ensaladaverde everquest123 everythingisawesome
    familyguy123 fernando1234 finalfantasy finalfantasy7 finalfantasyvii footballfootball forgetmenot1
    forgotpassword freedomforall gameofthrones gameofthrones1 georgewashington
    getmeoutofhere gfhjkmgfhjkm gobluegoblue godisgood123 godislove123 godisgreat12 goodmorning1 goodmorning
    goodnightmoon gotohellnow1 grandtheftauto guitarhero12 hakunamatata harrypotter1 harrypotter7
    harrypotter123 hellohello12 hellohellohello hello1234567 helloworld12 helloworld123 helloworld1234
    hellokitty12 hellokitty123 hellothere123 hellothereworld hereiampass1 highschoolmusical homersimpson
    hotelcalifornia houseofcards1 howareyoutoday ihateyou1234 ihatepasswords ihavenoidea ihavenoidea1
    ihavenopassword iliketurtles ilikepie1234 iloveu123456 iloveyou1234 iloveyou12345 iloveyou123456
    iloveyou2much iloveyoubaby iloveyoubabe iloveyouforever iloveyousomuch iloveyoutoo1 ilovemyself1
    ilovemydog12 ilovemymother ilovemyfamily iloveyou4ever ilovechocolate ilovejesus12 imagination1
    imissyousomuch incorrect123 incorrectpassword indianajones internet1234 intheendgame introduction
    iwillsurvive jackdaniels1 jamesbond007 jamesbond0077 jenniferlopez jesuschrist1 jesuschrist jesusislord
    jesuslovesme jesussaves12 johncena1234 justinbieber justinbieber1 keepitsimple killbillkillbill
    kingkongkingkong kobebryant24 lalalalalala lasvegas1234 leagueoflegends ledzeppelin1 letmein12345
    letmein123456 letmeinletmein letmeinnow12 letmeinplease linkinpark12 linkinpark123 liverpoolfc1
    liverpool123 livelaughlove livestrong12 logmeinplease lordoftherings lordofthering lovelovelove
    loveloveme12 loveyou12345 loveyouforever maddog123456 madeinheaven manchester12 manchesterunited
    marilynmanson masterchief1 masterkey123 masterpassword maytheforcebewithyou mercedesbenz
    metallica123 michaeljackson michaeljordan mickeymouse1 mickeymouse12 microsoft123 minecraft123
    minecraft1234 missionimpossible mississippi1 mississippi monkeymonkey montypython1 mothermother12
    mountaindew1 mustang12345 my1stpassword mybirthday12 mynameisbond
    mynameisearl mypassword12 mypassword123 mypassword1234 mypasswordis mysecretpassword mysecurepassword
    mystrongpassword myverysecretpassword neverforget1 neverforgetme nevergiveup1 nevermind123
    nevergonnagiveyouup newpassword1 newpassword12 newpassword123 newyorkcity1 newyorkcity nightmare123
    nopassword12 nopassword123 nopasswordhere northernlights nothing12345 nothingelsematters onceuponatime
    onetwothree1 onetwothree123 onetwothreefour opensesame12 opensesame123 openthedoor1 ourpassword1
    p@ssw0rd1234 p@ssword1234 pass1234pass pass12345678 pass123456789 passpasspass passphrase12
    passphrase123 passw0rd1234 passwd123456 password0000 password0123 password1111 password1234
    password12345 password123456 password1234567 password12345678 password123456789 password1password
    password2020 password2021 password2022 password2023 password2024 password2025 password2026
    password2027 passwordisstrong passwordpassword passwordpassword1 passwordpasswordpassword
    passwordsarehard passwort1234 passwort12345 motdepasse123 motdepasse12 contrasena123 contrasenha1
    wachtwoord12 wachtwoord123 parola123456 haslo1234567 sifre1234567 kennwort1234 senha1234567
    peanutbutter peanutbutter1 pinkfloyd123 pinkpinkpink piratesofthecaribbean playstation1 playstation2
    playstation3 playstation4 playstation5 pleaseletmein pleaseletmeinnow plsletmein12 pokemon12345
    pokemon123456 pokemongo123 poiuytrewq12 poiuytrewq123 powerrangers princess1234 princess12345
    privatepassword q1w2e3r4t5y6 q1w2e3r4t5y6u7 qaz123wsx456 qazwsx123456 qazwsxedcrfv qazwsxedc123
    qazwsxedcrfvtgb qwe123asd456 qwe123qwe123 qweasd123456 qweasdzxc123 qweqweqweqwe qwer1234asdf
    qwer1234qwer qwer12345678 qwerasdfzxcv qwert1234567 qwert12345678 qwerty123456 qwerty1234567
    qwerty12345678 qwerty123456789 qwerty1qwerty qwertyasdfgh qwertyasdfghzxcvbn qwertyqwerty
    qwertyqwerty1 qwertyu12345 qwertyui1234 qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiop[]
    qwertyuiopasdfghjklzxcvbnm qwertyuiopasd qwertz123456 rainbowbright rainbowdash1 readyplayerone
    realmadrid12 realmadrid123 redhotchilipeppers resident3evil residentevil residentevil4 rockandroll1
    rockandroll rockyourworld rollingstones ronaldinho10 root12345678 rootpassword rootrootroot
    rosesarered1 runescape123 samsung12345 samsunggalaxy scoobydoo123 secret123456 secretpassword
    secretsecret secretsecret1 securepassword sekretpassword sesameopen12 shadowshadow sherlockholmes
    shortpassword shutupandtakemymoney simplepassword skywalker123 slayerslayer slipknot1234 snoopdogg123
    somethingelse somethingsecret southpark123 spiderman1234 spongebob123 spongebobsquarepants
    springbreak1 startrek1234 starwars1234 starwars12345 starwarsstarwars stayinalive1 stopasking12
    strawberry12 strawberry123 stronghold12 strongpassword strongpassword1 sunflower123 sunshine1234
    sunshine12345 sunshinesunshine superman1234 superman12345 supermanbatman supernatural supernatural1
    superpassword supersecret1 supersecret12 supersecret123 supersecretpassword system123456
    sweetdreams1 temppassword temporary123 temporarypassword terminator12 testaccount1 testpassword
    testpassword1 testpassword123 testtesttest testtest1234 thebeatles12 thedarkknight thelionking1
    thematrix123 themoonisblue thequickbrown thequickbrownfox thequickbrownfoxjumpsoverthelazydog
    thisisapassword thisisasecret thisisatest1 thisisatest123 thisismypassword thisissparta
    thisissparta1 thisisthepassword tigertigertiger tobeornottobe tomandjerry1 toortoortoor
    trustno1trustno1 trustnobody1 trustnoone12 tryandguessit unbreakable1 undertaker12 universidad1
    unitedstates usuario12345 verysecret12 verysecret123 verysecretpassword verystrongpassword
    veronica1234 volkswagen12 walkingdead1 webmaster123 welcome12345 welcome123456 welcomeback1
    welcomehome1 welcometothejungle whatever1234 whateverwhatever whatisthis12 whatsmypassword whoareyou123
    wildflower12 willsmith123 windows12345 winteriscoming wonderful123 wonderwoman1 wordpass1234
    worldofwarcraft wrestlemania xxxxxxxxxxxx yankees12345 yellowsubmarine yesterday123 youarebeautiful
    youaremysunshine yougotitdude youknownothing youllneverguess youllneverwalkalone yourpassword
    youshallnotpass yourmother12 z1x2c3v4b5n6 zaq12wsxcde3 zaq1xsw2cde3 zaq1zaq1zaq1 zaqxswcdevfr
    zxcvbnm12345 zxcvbnm123456 zxcvbnmasdfghjkl zxcvbnmzxcvbnm zxcvzxcvzxcv zxcasdqwe123
"""

_WORDS = """
    access account admin administrator adobe alexander amanda america andrea andrew angel angela anthony
    apple april arsenal asdf asdfgh asdfghjkl ashley august autumn awesome azerty baby babygirl backend
    bailey banana barcelona baseball basketball batman beautiful benjamin berlin bitcoin blessed blue
    brandon butterfly carlos change changeit changeme charlie cheese chelsea chicken chocolate christmas
    class code coffee college computer cookie corvette cowboys daniel data database december default demo
    developer diamond dog dolphin dragon eagles elephant elizabeth england exam family february ferrari
    flower football forever france freedom friday friend friends fuckyou galaxy game gaming garfield
    george germany ginger god google green guest guitar hannah happy harley heaven hello helloworld home
    hunter iloveyou india internet january jasmine jennifer jessica jesus jordan joseph joshua july june
    justin killer king lakers learner letmein liverpool local login london lol looking love lovely
    madrid maggie manager march market martin master matrix matthew may melissa mercedes merlin
    michael michelle microsoft minecraft monday money monkey mother mustang myspace mypassword naruto
    network new newyork nicole nintendo november number october office oracle orange paris pass passwd
    password passwort patrick peanut pepper phoenix please pokemon postgres princess private purple python
    qazwsx quiz quizapp quizquiz qwer qwert qwerty qwertyuiop qwertz rachel rainbow ranger raspberry
    red robert rockyou root samantha samsung saturday school scooter secret secure security sebastian
    september server service shadow silver simple slipknot snoopy soccer software spiderman spring
    starwars steelers student summer sunday sunflower sunshine super superman support sweet system
    taylor teacher temp temporary test testing thomas thunder thursday tiger tigger toor trustno travel
    tuesday tweety unknown user username victoria viking wednesday welcome whatever william windows winter
    wizard wonder yamaha yankees yellow zxcvbn zxcvbnm
"""

COMMON_PASSWORDS = frozenset(_PASSWORDS.split())
COMMON_WORDS = frozenset(_WORDS.split())
