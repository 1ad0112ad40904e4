"""English clues, with their points.

The points are weighed by tests/domain/emergencies/weigh_clues.py; the notation is that of domain/emergencies/clues.py.
"""

from __future__ import annotations

from domain.emergencies.clues import Clues
from domain.emergencies.heard import Danger

#: Points of every message, and further ones of a message that is shorter than so many characters or English words.
BASE = 0
LENGTHS = ((6, 0), (10, -2))
CLUES = (
    Clues("family", None, (2, 2, 0),
        "mom+3/mum+3/mother+3/dad+1/father/husband+2/wife+4/grandma+1/grandpa/grandmother+1/grandfather+2/granny+1/grandad/son+2/daughter/baby/kid+3/kids-1"
        "/child/children/brother/sister/uncle+1/aunt/cousin+1/boyfriend/girlfriend/toddler+2/nephew+1/niece/parents+2/grandson+2/granddaughter/stepdad+1/ex"
        "/nan/nana/pops/papa/mama/stepmother/stepfather+3/stepmom/twins/infant/newborn/little boy+3/little girl+3/little brother/little sister+2/my boy"
        "/my girl/my kid/my wife+2/my husband-3/my mom+1/my dad+2/my son-1/my daughter/my grandma/my grandpa/my baby+4/my friend+2/my brother+1/my sister+3"
        "/my neighbor-5/my neighbour/my uncle+2/my aunt-2/my mother+2/my father+4/in law/fiance/partner/elderly-3/old woman"),
    Clues("other people", None, (2, 3, 0),
        "man+1/woman+1/boy+1/girl+4/guy-3/someone+1/somebody-3/person/people+1/lady+4/old man+3/old lady/neighbor-1/neighbour-4/neighbors-1/worker+3"
        "/workers+2/coworker+3/driver+1/friend-1/friends+2/student+2/students-1/classmate/roommate+1/guys+2/men+1/passengers/passenger/everyone+2/everybody"
        "/farmer/cyclist+5/rider+1/strangers-3/stranger/two of them+3/one of them/teen/teenager/teenagers/teens/tourist/tourists/hiker/hikers+3/fisherman"
        "/passerby/pedestrian/biker/builder/electrician/welder/roofer/mechanic/delivery guy/courier+1/cleaner/nurse+2/teacher-1/pupil/pupils/lad/bloke"
        "/dude+2/couple/family+1/families-3/villagers/crowd+6/customer/customers/patient/victim/victims/tenant/landlord-3/guest+2/guests/employee/chef/cook"
        "/boss/drunk guy-4/drunk man-4/masked/another/others/two people+1/three people+1/several people/both"),
    Clues("pronouns", None, (2, -1, 3),
        "he/she/they+1/him/her+1/them-4/hes+2/shes+2/theyre+1/his/their+2"),
    Clues("the person who writes", None, (0, 0, 5),
        "i/im+2/me/my/we+1/us+2/our+1/ive+3/were-2"),
    Clues("parts of the body", None, (2, 2, 0),
        "head+3/face+1/arm+3/arms/leg+3/legs+1/chest+1/throat+2/mouth+3/lips+4/eyes+1/eye/neck/hand+3/hands/finger-2/fingers/stomach-1/back-1/skin-2/body+3"
        "/blood-1/bleeding+3/nose/hip/breath+2/breathing+5/pulse/heart-2/tongue/knee-5/shoulder/wrist/ankle+4/toe/toes/jaw/ear/ears+1/hair/forehead/rib/ribs"
        "/spine/thigh/palm/thumb/tooth/teeth/foot/feet-2/lung/lungs/belly/side/left side/one side+1/half-1/bone+4/bones"),
    Clues("ill or injured", Danger.MEDICAL, (1, 2, 1),
        "pain+1/hurts-4/hurt+1/collapsed+3/fainted+1/unconscious+3/seizure+4/shaking+2/vomiting/dizzy+3/choking+3/choked/stroke/swollen/swelling+4/numb"
        "/burned-3/scalded/fever-6/overdose/stung/bitten/labor/labour+1/contractions/pregnant+2/asthma/diabetic/allergic/wheezing/sweating+1/pale/blue+4"
        "/purple/cold/limp/stiff/weird/sick/headache+1/confused/slurring/broken-2/broke+4/injured-3/wound/cut-6/dying-4/dead-2/killed-4/drool/foaming"
        "/convulsing/gasping/unwell/ill/poisoned/electrocuted+2/drowned/drowning/crushed/burns-4/burned badly/scalding/severed/sliced/cut off/cut his+3"
        "/cut her+3/deep cut/gash/puncture/stabbed/broken leg/broken arm/fracture/concussion/passed out+1/pass out/blacked out/out cold/seizing/spasm"
        "/twitching/trembling/heart attack/heart stopped/cardiac/drooping+1/droops/slurred/slurs/cant speak/rash/hives/choke/gagging/coughing+2"
        "/throwing up+1/threw up/diarrhea/dehydrated/heatstroke/sunstroke/frostbite/hypothermia/hypothermic/shivering/feverish/burning up+5/fits/fit"
        "/epileptic/epilepsy/insulin/sugar/overdosed/swallowed+3/ate/drank+5/mushrooms+1/venom/venomous/snake bit/bitten by-3/stung by+2/wasp/hornets+2"
        "/allergy/reaction/anaphylaxis/giving birth/birth/water broke+2/miscarriage/pressure-5/severe/badly/serious/critical/delirious/faint/weak"
        "/clutching+2/gasps/short of breath/yellow/grey/bruised/bruises/blood everywhere+4/lots of blood/so much blood/pool of blood/blood on/soaked"),
    Clues("no answer", Danger.MEDICAL, (4, 0, 0),
        "not breathing/wont wake+3/not waking/doesnt answer+2/not answering/isnt answering+1/not responding+1/no response/not moving+1/isnt moving/wont move"
        "/doesnt move/cant wake/no sound/no answer/wont answer+3/unresponsive/silent/motionless/not talking+1/stopped/cant breathe+1/cant move/cant get up"
        "/cant talk+1/wont stop+3/wont respond/doesnt respond/no pulse/wont open+1/not opening/wont talk/cant feel+1/not conscious/not awake/wont get up"
        "/cant get him/cant get her/nobody answers/no reply/doesnt reply/isnt breathing+1/stopped breathing/barely breathing/hardly breathing/cant stand"
        "/unable to/not react/no reaction"),
    Clues("falls", None, (3, 4, 3),
        "fell/fall/fallen/falling+1/slipped+1/tripped/jumped+1/dropped/went under+3/went down+2/went in+3/fell in+1/fell into+3/fell off+4/fell from+1"
        "/down+1/lying+1/laying/floor+1/ground-3/hanging+1/hung/tipped/flipped+2/rolled+1/overturned/sinking/sank/off the roof/off a ladder/ladder+2"
        "/stairs+1/balcony-3/window+4/roof+1/cliff-3/slope/hole/pit+1/through the ice+4/into the/into a/toppled/tumbled/plunged/slid/sliding+3/landed"
        "/slipping/dangling/cant climb/cant reach+2"),
    Clues("water", Danger.WATER, (1, -1, 4),
        "river+2/lake-1/pond/well-2/canal+3/pool-1/reservoir+3/ditch-1/sea/water+1/stream/creek/dam+4/boat+2/raft+1/kayak/drown/swim-4/swimming-5/swept+1"
        "/current+3/ice-1/floating+2/shore/wave/waves/bank-1/bridge/flood-2/flooded+1/flooding/rising+2/tide/under water/submerged/under the water"
        "/didnt come up+2/come up+4/surface/surfaced/whirlpool/rapids/waist deep/chest deep/rising fast/swept away+4/washed away/carried away/capsized+4"
        "/cant swim+2/life jacket/fishing/pier/dock/beach/quarry-5/weir/spillway/cistern/trough/bathtub/tub/puddle+2/gutter/culvert/drain-5/cesspit/manure"
        "/face down+5"),
    Clues("fire and smoke", Danger.FIRE, (1, 3, 3),
        "fire+1/flames+1/smoke-1/burning+1/burn-5/sparks/sparking+3/caught+2/exploded+4/explosion+3/blaze/on fire/smell+2/black smoke/lit+2/burnt-1/boom"
        "/bang/flame/smoking/smoky/smoldering/burst into/engulfed/ablaze/spreading/spread/fireworks-1/firecrackers-5/gas bottle-3/cylinder/stove+1/oil/pan"
        "/curtains+3/mattress/haystack/straw-4/barn+2/warehouse+2/forest+3/woods/hill+2/hillside+3/wildfire+4/grass fire/flaming/heat-2/hot+1/choking smoke"
        "/full of smoke+3/filled with smoke/smoke coming/smoke pouring+2/coming out of+3/charging/battery-1/short circuit/fuse box/transformer-2/outlet"
        "/alight+2/candle+3/jumping roofs+2/straw stacks+2/stacks/burning down"),
    Clues("gas and poison", Danger.GAS, (0, 2, 4),
        "gas/leak/leaking+1/fumes/carbon/monoxide/chemical+3/chlorine+1/ammonia/hissing+3/smells-5/tank+1/heater+1/charcoal/valve+1/rotten+4/wire+1/wires-5"
        "/cable+4/shock/power line+2/electric/pesticide+1/poison-1/manhole-4/sewer/septic/gas smell/smell of gas+2/smell gas+1/smells like gas/rotten eggs"
        "/hiss/headaches/co alarm/alarm-1/boiler/water heater/coal+2/brazier/sulfur/acid/toxic/spill/spilled/tanker/pipeline/pipe burst-4/dug into/excavator"
        "/wires down/live wire+2/downed/electricity/socket/plug/fence-2/pole+4/pump+2/sprayed/spraying/pesticides/weedkiller+1/cellar+1/silo/fermentation"
        "/cesspool/biogas/roaring+2/excavator broke+2/broke a gas/light anything+2/gas pipe+2/rat poison+2/sweets+3/heater was+3"),
    Clues("trapped", Danger.COLLAPSE, (2, 5, 1),
        "trapped+3/stuck+1/pinned/buried+1/under+1/locked+2/cant get out/inside+3/elevator-1/lift+2/rubble/cave/landslide+1/mud/wall-2/gave way+4/ceiling+3"
        "/building+4/tunnel/scaffolding+2/crane+4/tree fell-4/came down+2/cant get/cant open/jammed/wedged/caved in+1/cave in/collapse/collapsing"
        "/collapsed on/fell on+2/came down on+4/crushing+1/under the/beneath/debris/mudslide+2/rockslide/rocks/boulder/avalanche/earthquake-2/quake"
        "/aftershock/trench+2/mine-2/mineshaft/shaft/chimney/between-5/waist/up to+3/water is up+3/rooftop/on the roof+3/attic/upstairs-1/stranded"
        "/surrounded/burst+3/levee/breach/embankment/gave out/tilting/leaning-5/cracking+2/cracks/sinkhole/cable car/swing-5/scaffold/beam/concrete/bricks"
        "/sign fell-1/tree came/tree on/underneath+2/pinned underneath+3/tipped over+2/press+4/into the press"),
    Clues("traffic", Danger.TRAFFIC, (1, 3, 3),
        "car-1/truck+1/bus-2/van+2/motorbike/motorcycle/scooter+1/crash-2/crashed+2/hit+2/accident+2/highway/road/ran over+3/run over+5/tractor+2/rammed"
        "/drunk driver+4/brakes+3/lorry+3/train/tracks+2/intersection/crossing+1/hit and run+2/ambulance+3/wreck/collided+3/collision/crashed into/ran into"
        "/hit by/hit a+4/hit him/hit her/hit my-3/struck/knocked down/knocked over+3/smashed into/rear ended/pile up/pileup/rolled over+4/upside down+5"
        "/in the ditch+1/off the road+5/off the bridge+3/skidded/swerved/lost control/no brakes/brake failed/wheels+1/windshield/windscreen/airbag"
        "/steering wheel/seat/crash site/bicycle/ebike/moped/tricycle-1/minibus+2/school bus+1/coach/pickup/suv/forklift/combine/guardrail/railing+2/lane-5"
        "/bend/curve-3/toll/roundabout/zebra/crosswalk-2/junction/level crossing/railway+2/platform/driver is/the driver+1/speeding off/drove away/sped off"
        "/license plate"),
    Clues("weapons", Danger.VIOLENCE, (1, 3, 0),
        "knife-1/gun+2/axe+1/machete+2/bat/hammer+2/weapon/sword/pistol/shot-2/shots/gunshots+6/shooting/stabbing/stab/bottle/blade/knives/cleaver/sickle"
        "/hoe/shovel/iron bar/pipe/stick/rod/brick/petrol+1/gasoline+1/lighter+1/bomb/explosives/grenade/rifle/shotgun/crossbow/armed/waving/swinging"
        "/pointing"),
    Clues("violence", Danger.VIOLENCE, (2, 3, 3),
        "beating+2/beat/hitting+2/hits/hit me/hitting me+6/punch/punching/kick/kicking+1/attack-2/attacked/attacking+5/fighting-1/fight/rob/robbed/robbing"
        "/robbery/break in/breaking in/broke in/breaking into+3/intruder/burglar/kidnapped/kidnap/hostage/rape/raped/assault/strangling/choking me"
        "/threatening+1/threatened/kill me+1/kill us/follow/following+4/followed+2/chasing/chased/grabbed+2/dragging+1/dragged/forced/screaming+1/drunk+1"
        "/violent-5/gang/door+1/hiding+1/outside+3/police+1/tied/pushed/throwing+2/smashed/smashing+2/banging-2/beats/beaten/beating me+4/beating her"
        "/beat me/hits me/slapped/slapping/slap/punched/kicked/stomping/choking her/strangled/hurting me/hurting her/hurt me/hurt us/going to kill"
        "/gonna kill/wants to kill/trying to kill/said hell kill+2/threatens-1/threat/burn us+2/burn the house/burned me/locked me+3/locked us/wont let me+1"
        "/wont let us/wont let her/not letting/tied up/held/holding+2/hold/stole-4/stealing+1/snatched/mugged/mugging/thief/thieves/burglars/broken in"
        "/climbing/climbed-5/over the wall/through the window/in my house/in the house/in our house/in my yard-2/someone is in+1/downstairs+3/footsteps"
        "/prowler/lock/kicking the door+1/pounding/banging on/knocking/at my door+4/stalking/stalker/cornered/blocking-6/mob/brawl/riot/fistfight/hammering"
        "/cut him/slashed/slashing/attacks-4/stabs/raping/molested/groped/touching+2/undress/drugged/taken away/shoved/pulled+1/pulling/abduct/abducted"
        "/abusive/abuse/abusing/domestic-3/husband is/my ex-1/ex boyfriend/ex husband/psycho/crazy man/mental/rampage/shouting+1/yelling+3/screams/scream"
        "/glass/bleeding from+1/got stabbed+2/bro+2/got jumped/internet cafe+2"),
    Clues("fear and cries", None, (0, 0, 0),
        "help+2/hurry/scared/afraid/please-1/crying+1/hide/save/god+4/omg/whispering/quick/fast-1/emergency-7/now/come-2/send+1/urgent/asap/quickly"
        "/immediately/what do i do-1/what should i do-4/what do we do+1/helpless/terrified/panicking/panic/frightened/dont know what to do/what now/hurry up"
        "/please hurry+4/please come+5/please help+1/help me-3/help us/help him/help her/somebody help/someone help/send help/send someone/send police"
        "/send an/call an/call the/call police/call ambulance/get here/come quick/come fast/come now/right away/running out/running out of/cant hold"
        "/cant hold on/please send+3/need help/need an ambulance+6/firefighters/fire department/paramedics/doctor-2/rescue/cops"),
    Clues("missing", Danger.MISSING, (1, 3, 3),
        "missing-2/lost-1/disappeared+2/gone+2/vanished+4/wandered/didnt come+2/never came+3/hasnt come+3/not home+1/wasnt-1/cant find+4/cannot find"
        "/not picking+1/no signal/phone is off+2/unreachable/not answering her phone/not answering his phone/no one has seen+2/hasnt been seen"
        "/nobody has seen/taken/took+3/dementia+1/alzheimers/autistic/years old/year old-6/last seen/separated/ran away+2/ran off+1/dark/hours-5/hike"
        "/hiking-4/trail/mountain+2/since/still/morning/night-2/school+1/home/hour/anywhere+2/store+1/mall/missing since/went missing/not reachable"
        "/not answering calls/no one knows/nobody knows+2/no trace/no sign/didnt return/hasnt returned/not returned/not back/isnt back+2/isnt home"
        "/never got+3/never arrived/didnt arrive/didnt show/supposed to be+2/went out+2/walked out+2/walked off/walked away/left home/left the house"
        "/left a note+2/run away/ran away from/went hiking/went fishing+2/went for a/foraging/got lost/lost in+3/lost on/dont know where/no idea where"
        "/where he is+2/where she is/where we are/which way/no battery/no water-5/fog/snow/rain/getting dark+3/overnight/all night-4/all day-4/last night-2"
        "/two days-4/three days-1/since yesterday+1/since morning/this morning+1/hours ago/after school/playground/supermarket/market+2/park/station"
        "/festival/turned around+2/looked away/second/memory/disabled/deaf-4/wearing/jacket/barefoot+3/pajamas/slippers/stranger took/picked up by"
        "/got into a car/into a car/an unknown man/met online+1/online friend/a man took+1/a woman took+4/hasnt answered+3/the door since+3/hes deaf+1"
        "/wearing no+1/no shoes/look for him+1/look for her/isnt anywhere/searched all+2/came back empty+2/empty-4/nowhere+3/hes nowhere+2/right beside me+2"
        "/tied up but+2/no one has/nobody has/should be home/its eight+5/its nine/its ten/its dark+1/looked everywhere/searched everywhere/wide open+1"
        "/front door+1/got off+2/her bed+1/his bed/overdue+2/no sign of/on his own/on her own/all alone/crying no+2/no parents/runaway"),
    Clues("suicide", Danger.SUICIDE, (1, 4, 4),
        "suicide-1/kill myself+7/want to die-4/end it+1/end my life/ending it/hang-5/rope+3/pills+4/jump+1/ledge/goodbye+4/bye/alive+1/live/living/burden"
        "/without me/wrists+3/razor/note-2/sorry-4/tired/anymore+3/hopeless/better off/take care/last-3/peace/over/nobody would+1/no point+1/everything+3"
        "/gave away/forgive/dont want to live+4/dont want to be here/cant go on/cant take it/cant do this/no reason/nothing left/give up/gave up/given up"
        "/done with/im done/its over/end everything/end it all/disappear/never wake/not wake up/sleep forever/say goodbye/said goodbye/farewell/final"
        "/last message/last time-2/suicide note/wrote a note/letter/will-1/sorry for everything/forgive me/dont look for/dont come/take care of/look after"
        "/feed the/sleeping pills/all the pills/whole bottle+4/bottle of/handful/tablets/bleach/gas on/exhaust/noose/belt/hanged/hanging from/slit/slitting"
        "/cutting/edge/rail/overpass/tower+2/window sill/windowsill/top floor/standing on+3/sitting on+2/threatening to jump/going to jump+3/gonna jump"
        "/wants to jump/wants to die/want to end/self harm/harm myself/hurt myself/depressed/depression-1/heartbroken/broke up/bullied/failed/debts"
        "/locked herself/locked himself/wont open the door/talking about dying/rather die/be dead/dead tomorrow/goodbye everyone+3/wont be here+3"
        "/be here tomorrow/here tomorrow/look after my+3/my dog-7/on the school roof+1/miss me+2/would even miss"),
    Clues("money leaving", Danger.MONEY, (0, 3, 5),
        "money/transfer+2/transferred-4/transferring/wired+2/wiring-1/account+3/card/code+1/otp/scam-1/scammed+4/scammer+3/scammers/sent+1/sending+2/paid+1"
        "/pay-1/savings+1/cash/withdraw+1/withdrawing/atm-1/teller/phone/screen-2/remote/link+1/app+1/police officer/customer service+1/investment+1"
        "/crypto-5/bitcoin/refund-1/loan/gift card+1/gift cards+5/deposit+5/balance+2/dollars/yuan+2/thousand/deducted/drained/blocked-4/verification"
        "/password/caller+1/hang up/online/webcam/video-2/blackmail/fee-5/bails/freeze/gold/wire transfer-1/sent him/sent them/sent her/sent money"
        "/transferred money/transferred all/transferring money+1/just transferred+3/just sent/just paid/about to transfer/about to send/keeps asking+1"
        "/asking for more/wants more-6/more money+1/another payment/second payment/all her savings/all his savings+1/all my savings+2/life savings/pension-2"
        "/retirement/fake police-2/fake/pretending/claims/claiming/says hes+2/says he is+2/impersonating/officer/prosecutor+1/court-3/arrest/warrant"
        "/laundering/safe account+1/secure account/screen share/sharing-5/anydesk/teamviewer/downloaded/installed/clicked+1/typed+1/entered/gave him+1"
        "/gave them+2/gave her/told him-5/told them/read him+2/read them/verification code/security code/bank card/card number/credit card/bank app+1"
        "/online banking/being drained/emptying+1/disappearing/going out/withdrawn/withdrew/charged+2/charges+1/unauthorized/didnt authorize/not me/wasnt me"
        "/hacked/hacker/stolen-1/lost all/took all+5/blocked me+2/deleted me/wont reply/cant withdraw/cant get it back/get it back-2/stop the+2/stop payment"
        "/freeze my+4/freeze the+1/reverse/romance/girlfriend online/boyfriend online/soldier+2/trading/returns/commission/task/tasks/lottery/prize-3"
        "/customs/parcel/delivery fee/kidnapped my/in trouble/bail/hospital fee/nephew calls/voice/nude/nudes+1/pictures+1/photos/contacts/pay or/ransom"
        "/counter/clerk-3/wont listen/doesnt listen/refuses to listen/on the phone with/still on the phone/wont hang up/secret/dont tell/i just sent+6"
        "/one more payment+2/four times today+2/making transfers+2/this very minute+2/freeze it+2/carrying cash+2/in jail+4/said he was police+4"
        "/get it all back/stop him/have my screen+2/the balance/keeps sending/keeps wiring+2/wiring money+1/sending money/judge+2/be arrested+2/game cards+3"
        "/my savings+2/payment code+2/cash to+1/a link+6/the link/all my money/never met/on the internet+2/loan app+4/the counter/at the counter+2/moved"
        "/emptied+3/wechat/pin+2/qr+2/stranger with+3"),
    Clues("now", None, (2, 4, 1),
        "right now+2/just+2/currently/keeps-1/suddenly/already+1/getting+1/is on+2/about to+1/coming+3/going+1/started/minutes/seconds/tonight+2/and now+1"
        "/again-5/right this/at this moment/this minute/this second/as we speak/in progress/is happening/happening/getting worse/worse/any minute/wont last"
        "/running+2/still inside+2/still there/still in+2/still on/still bleeding/starting to/started to/began/beginning/minutes ago+2/just now+2"
        "/a moment ago/seconds ago/ten minutes+2/five minutes+1/half an hour/an hour/here-3/theres+1/all of a sudden/any second"),
    Clues("verbs of the present", None, (1, 2, 3),
        "is+1/are-2/has/there is+2/cant+2/wont/isnt+2/arent/dont+4/has been/have been/is in+2/is at/is under+2/is not/is bleeding+5/is burning+4/is stuck+1"
        "/is trapped/is coming+2/is going+1/is trying+4/is being+1/are in+5/are on/are trapped/are stuck/are coming/are burning+3/are being/am being"
        "/im being+3/being/and+1/on/in/of-1/to/into+2/out/up+1/from+1/off-1/its+1/came-3/went/got+1/theres a+4/some-1/two+1/all/room+2/right-2/a man+3"
        "/a woman+2/a kid+5/houses+3/hear+3/came in+1/out of+1/down on+2/off the-1/and my+2/and a+2/and its+2/and cant+3/and he+2/and she+2/and the/and wont"
        "/with/by-2/hasnt-2/havent/over there/people are+3/someone is+6/we are-1/they are+4/he is+3/she is+3/been/moving+3/says/and it+3/tell/he isnt-2"
        "/she isnt/went into+2/and we+2/gave+2/i cant+1/in my+2/money to-3/two men+2/face is+2/and hes+2/and shes+1/is empty+2/has broken+3/pouring+2"
        "/keeps dropping+2/knocked/hers/him now/wont even/even+1"),
    Clues("places", None, (1, 1, 4),
        "behind+1/next door/at the/in the+1/on the-1/near+1/by the+1/village-2/house+2/kitchen+2/bathroom+2/bedroom/field+2/factory+2/street-2/yard+2/shop+1"
        "/gate-1/corner+1/construction/near the-1/next to+1/in front of-2/by the river/corner of/along/east+2/west/north/south/alley/garage/basement"
        "/hallway+1/stairwell+5/classroom/dorm+1/hotel+3/office-1/valley/orchard/greenhouse/farm/paddy/shed+5/workshop/construction site/plant+1/gym"
        "/clinic-3/bus stop-3/square-2/apartment/flat-5"),
    Clues("somebody left", None, (1, 0, 0),
        "drove off-3/fled/left+1/took off/got away"),
    Clues("questions", None, (-4, -4, -3),
        "what-1/when-3/where-1/how/who-1/which-2/why/does/do i/can i-3/could-1/should-1/is there-2/are there-3/is it-2/do you-1/can we-3/may i-1/would-1"
        "/how much-3/how many/how do-3/what time-1/can you/can someone-3/could you-1/where can-2/when will-2/anyone know/wondering/want to know/ask-1"
        "/whats-2/wheres/whens/hows/whos/why does/why is/why are/is this-4/are we-1/are they allowed/am i/did the-4/has the/have the+4/will the/will there"
        "/can you please/could someone-4/could we-3/could i/would it/would you/should we-1/should i+1/do we-1/do they/does the-1/does anyone/what is-2"
        "/what are-2/what do/what documents/what number+1/what happens/where do-2/where is-2/where are/when is-2/when do/when does-3/when are/who do+2"
        "/who is-1/who can-3/who should/who pays/which office-1/how can-1/how to-1/how does/how should/how old/how far/how long-5/how big/is it true"
        "/is it legal-2/is it safe/is it ok/is it normal/is that-2/any chance/possible/question/curious/info-3/information/advice-2/tips/difference/meaning"
        "/mean-2"),
    Clues("requests to the village", None, (-3, -3, 0),
        "please fix-2/suggest/suggestion/request/propose/complaint/complain-1/report-1/arrange/organize/notify/remind/reminder/announcement/notice-3"
        "/attention/volunteers/meeting-2/committee-1/village office/council/government/policy/subsidy-1/apply/application/permit-4/register/registration-1"
        "/certificate-2/form-3/license/insurance-3/tax/documents/hukou/id card-4/appointment/open-1/schedule/deadline/approval-2/invite/contact+4/can we get"
        "/can we have/we need-4/need a-2/need more/needs to be/should have/should be-3/put up/set up/add a/build/please put-5/please send someone to look"
        "/please check-4/please tell+2/please clean/please remove/please ask/please stop+6/please repair/please come look/look at/take a look/have a look"
        "/check on/check the/inspect-3/measure/supervise/enforce/ban/forbid/allowed-1/permission/rules/rule/law/legal-1/illegal/fine-1/fined-3/penalty"
        "/ticket/court date/sentence/jail+2/statement/record/proof/paperwork-2/copy/stamp/queue-3/office hours/counter hours/village head/mayor/hotline-1"
        "/website/link for/sign up/enroll/join/member/membership/training course/vaccination/vaccine/checkup/clinic hours/prescription/reimbursement"
        "/disability-1/benefits/allowance/compensation-2/claim-4/assistance/relief/fund/donate/donation-1"),
    Clues("things to repair", None, (-4, 0, 0),
        "fix-2/fixed-2/repair-3/repaired/broke down/replace/replaced-4/install-2/light/lights-4/streetlight/street light-4/pothole-2/garbage/trash-1/tap"
        "/toilet-4/internet-1/wifi/signal/tv/ac/charger+4/printer/app crashed/out of order/rusty/expired-2/maintenance/inspection-2/clean/cleaned/parking-2"
        "/parked-4/leaks-4/leaky/dripping/clogged/blocked drain/flickers/flickering/out again/burnt out/bulb/lamp-1/lamps/sign-2/signs-2/bench"
        "/elevator is slow/elevator broken/door lock/locks/keys/roof tiles/tiles/sewage/water pressure/water cut/power cut/outage/blackout/electricity bill"
        "/bill-4/meter/router/computer/laptop/phone screen/camera/cameras/speaker/loudspeaker/extinguisher/extinguishers/hydrant-2/smoke detector-4/detector"
        "/detectors/alarm test/battery low/needs repair/needs fixing-1/paint-2/potholes/puddles/snow removal/dustbin/bin+5/bins/litter/dump/dumping/weeds"
        "/trees trimmed/trim/branches/branch+1"),
    Clues("the past", None, (-1, -1, -3),
        "last year-3/last month-4/last week-4/yesterday+4/years ago/ago+2/used to/before/in march-1/once/previously/since march/last summer/last winter-5"
        "/last spring/two years/three years-1/a while/ten years/months ago/days ago/childhood/back then/history/was+1/had/since january/since last+3"
        "/in january/in february/in april/in may/in june/in july/in august/in september/in october/in november/in december/in spring-1/in summer"
        "/the other day/earlier this/this spring/two weeks-2/three weeks/a month/months+3/years-3/year-1/decades/when i was/as a kid/when we were"
        "/happened before/happened in/has happened/once before/that time/the time/that night/that day/died in/passed away/late-3/anniversary/memorial"
        "/funeral-2/history of/were killed/was killed in/was hit last/was robbed last/recovering from/after the-3/had a-3/had an/did+3"),
    Clues("habits", None, (-3, -3, 0),
        "every+1/always-3/often/usually/sometimes/all the time/every day/every night-1/week-3/weeks/daily/monthly/weekends/lately/these days-3"
        "/three months-3/half a year/every morning/every evening-3/every weekend-5/every month/every year/every time/every summer/every winter/never+5"
        "/constantly/regularly/mostly/occasionally/each/per/nightly/weekly/yearly/for weeks/for months/for years/since weeks/keeps parking-4/keeps barking"
        "/keeps throwing/keep-2/kept/still not/still hasnt/still havent/third time/second time+4/again this/again today"),
    Clues("settled", None, (-5, -4, 0),
        "ok-2/okay/safe/found-4/resolved/recovered/thanks/thank-3/thank you-2/false alarm-4/no one hurt-4/nobody hurt/nobody was-3/no injuries/not hurt"
        "/home safe/luckily/discharged/mistake/all good/didnt fall/hung up-1/ignored/already fixed/put out/is back-2/no need/everyone is fine"
        "/everyone is safe/everyone ok/all safe/all fine-3/is fine/are fine/is ok/are ok/is safe-1/are safe/was found/were found/we found-2/found him"
        "/found her-1/found it/came back/came home-1/back home/home now-3/already home/turned out/turns out-1/it was just/was just/only a/just a-1"
        "/no need to/dont need/dont worry/never mind-2/nevermind/cancel-1/cancelled/ignore my/my mistake/sorry wrong/by mistake-3/by accident"
        "/misunderstanding/no damage/no harm/minor/slight/small/a bit-3/a little+3/little-1/scratch/band aid/bandage/healed-3/better/much better/is better"
        "/doing well/recovering/recover/released/out of hospital/arrested/caught the/was caught/police came/firemen came/firefighters came/has been put"
        "/was put out/is out-1/was extinguished/extinguished/under control/sorted/settled-3/solved/done/thanks to-4/grateful/appreciate/well done/good job"
        "/great job/kudos/i hung up-3/hung up on/didnt pay/did not pay-1/didnt send-1/didnt give/didnt click-1/did not click/blocked the+2/deleted it-4"
        "/reported it/got it back/got my money back/got refunded/home from hospital-4/from hospital/gave up when-2/ask my son-2"),
    Clues("lost and broken things", None, (-3, 0, 0),
        "wallet-5/key-1/bag/umbrella/hat/package-2/glasses/ring+2/watch/bike/ball/drone-4/kite/shoes+1/clothes/luggage/toy/phones+2/purse-3/handbag/backpack"
        "/id-1/passport+2/receipt-2/mail/parcels/delivery-3/helmet+1/scarf/gloves/earrings/necklace/bracelet/earphones/headphones/tablet/scooter keys"
        "/bike stolen/car keys/window of my car/tires/tire/mirror/bumper/suitcase/box+4/boxes/bottles-1/cup/plate/furniture/chair/table/sofa/tent"
        "/fishing rod/doll/flowers/plants/tree-3/trees+2/garden-2/crops/vegetables/tomatoes/corn/rice-2/wheat/apples/peaches"),
    Clues("animals", None, (-3, -5, 0),
        "dog+1/dogs/cat-3/cats-1/chicken-3/chickens-4/duck/ducks/pig+1/cow/goat/sheep/fish-1/bird-2/birds/puppy/kitten/rat/rats/mouse/mosquitoes-2/bees"
        "/snake+2/ants/goose/rabbit/rooster-4/pigs-1/hens/hen/calf/horse/horses/donkey/lamb/goats-3/geese/ducklings/piglets/parrot/hamster/turtle/frog/frogs"
        "/crow/crows/pigeon/pigeons-2/mosquito-1/flies/fly/cockroach/cockroaches/wasps nest/beehive/hive/hornet nest/bees nest/boar/fox/wolf/monkey"
        "/wild boar/stray/strays/stray dogs/stray dog/livestock/cattle/cows/pet/pets/pond fish/carp/shrimp/crab/spider/spiders/snake in/worm"),
    Clues("exaggeration", None, (-4, -4, 0),
        "dying of/to death/killing me-3/so hot/so bored/lol-3/haha-2/funny/laughing-2/boring-1/tired of/drives me/sick of/insane/crazy-2/hilarious"
        "/to die for/killed it/best/love-3/great-4/delicious/cute/nice+5/amazing/exam-1/homework-2/test/i could die-2/so tired/so hungry/starving-1"
        "/exhausted/exhausting/dead tired/bored/stressed-2/overwhelmed/freaking/my head is exploding/head is exploding/mind blown/blew my mind"
        "/on fire this season/fire sale/fire playlist/killer/killed me-1/slay/crushed it/crush on/crashed my/my computer/the app/the website/my laptop"
        "/my phone is dead/dead battery/heart broken/broke my heart/stole the show/stole my heart/robbed of/beat the/beat us/beats me/beat them/shot a"
        "/shooting a/shot up/drowning in+2/flooded with/flood of/buried in work/buried in/swamped/stuck in traffic/stuck with/trapped in this/hostage to"
        "/choked up/cracking me/crack me up/lmao/rofl/hahaha/omg so/wow/awesome/cool/nice job/beautiful-1/lovely/tasty/yummy/spicy/gorgeous/favorite/fun"
        "/enjoy/enjoyed/happy/birthday/congratulations/cheers/daylight robbery-5/boredom/save me a seat-3/save me a/fire up-3/drowned dragon-3"
        "/dying of boredom-3"),
    Clues("events, films and lessons", None, (-4, -1, 0),
        "drill/training/lecture-1/movie-1/film-1/game-3/games-3/show-5/novel-5/book/story/news-4/play-4/series/episode-5/song-5/class+3/course/lesson"
        "/poster-3/posters/exhibition/party+3/dance/performance/practice/rehearsal/documentary/scene/actor/drama-2/costume/cosplay-2/dream/dreamed/chapter"
        "/character/prank/joke+3/theme/museum-2/brochure/campaign/awareness/first aid-1/volunteer/drills/fire drill-1/earthquake drill/evacuation drill"
        "/rehearsing/simulation/simulated/exercise/exercises/seminar/webinar/talk-1/talks/session/meeting about/presentation/essay/project/report on/exams"
        "/quiz/study/studying/learn/learning/lessons/teach-2/teaching/teaches/instructor/certified-1/cpr class/cpr course/cpr training-3/first aid course-2"
        "/first aid kit/swimming lessons-2/swim class/self defense/leaflet/leaflets-1/flyer/flyers/banner/billboard/slogan/advert/ad/article/newspaper"
        "/magazine/podcast/radio/youtube/tiktok/netflix/film crew/filming/shoot/shooting a scene/set-1/cinema/theater/theatre/musical/opera-2/stage/puppet"
        "/cartoon/anime/comic/comics/manga/fiction/mystery/thriller/horror/crime show/detective/villain/hero/plot/ending/season/level/boss fight/minecraft"
        "/fortnite/player/players/team/match/league/score/goal/tournament/concert/band/album/lyrics/choir/dancing/square dance/halloween/carnival/parade-1"
        "/lantern+8/bonfire/campfire/barbecue-1/bbq/grill/candles/incense-1/fireworks show/picnic/camping/wedding/ceremony/tour/trip/visit-4/holiday"
        "/vacation/nightmare/dreamt/imagination/imagine/pretend/pretended/played/playing/joking/kidding/april fools/model/toys-4/water gun"),
    Clues("fears and plans", None, (-3, -3, 0),
        "might/if+2/someday/afraid it/worried/dangerous/danger/hazard-3/risk/unsafe/tomorrow-2/next+2/going to be/plan-1/planning/want to+2/would like"
        "/need to-4/prevent/avoid/careful/safety-1/before someone-1/sooner or later/one day-2/in case/if there-3/if a/if the/if i+2/if someone/if we/if my"
        "/what if/suppose/supposed/in the event/whenever/unless+1/may/maybe+1/perhaps/possibly/potential/potentially/likely/unlikely/expected/forecast"
        "/warning signs/warning sign/precaution/precautions/prevention-2/preventing/protect/protection/secure/safe to/safer/be careful/beware/caution"
        "/watch out/keep away/do not/dont let/dont forget/remember to/make sure/hazards/dangerous for/too dangerous/accident waiting/waiting to happen"
        "/before it/before anyone/someone will-2/someone could-2/someone might/could fall/could get/might fall/might get/will fall/will get/gets hurt-1"
        "/get hurt-2/going to get/afraid that/afraid someone/afraid of-4/fear of/worry/worries/concerned/concern/thinking of/thinking about/consider"
        "/considering/intend/hope/hoping/wish/tonight at/this weekend/this afternoon at/monday-4/tuesday-5/wednesday/thursday-2/friday-3/saturday-1/sunday-3"
        "/next week-1/next month/next year/later+5/soon"),
    Clues("disputes", None, (-4, -1, 0),
        "noise/noisy/loud+1/dispute/argue-2/arguing/argument/rent-4/wages/salary-2/pay me/owes-5/owe/boundary/divorce/custody/stinks-1/dust/smoke from-2"
        "/rude-5/lawyer/mediate-3/contract/return-1/unpaid/debt/music/barking+3/neighbors dog/neighbors tree/next door keeps/shouting match/quarrel"
        "/quarreling/bickering/insult/insulted/swore/swearing/cursing/gossip/rumor/rumors/slander/lies/lied/cheated on/cheating/unfair/fair+4/fairness/bully"
        "/bullying at school/bullies/teacher ignores/manager/employer/company-3/workplace/shift/overtime-1/payslip/paid late/deposit back/rent increase"
        "/evict/eviction/lease/tenants/property line/property/land/hedge/parking spot-3/parking space/my spot/driveway/blocks/blocking my/shade/sunlight"
        "/balcony drip/upstairs leak/ceiling leak/stain/mold/odor/stench/reek/pigsty-1/manure smell/factory smell/pollution/polluted/polluting/fumes from"
        "/burning trash/burns trash/burning leaves/karaoke-2/drums/piano/speakers/party noise/construction noise/drilling/hammering all/honking/engine noise"
        "/late at night/cant sleep/keep us awake/keeps us awake/awake"),
    Clues("trade", None, (-4, -3, -3),
        "buy-3/sell-2/selling-5/sale-2/price-5/cost-2/cheap/expensive/discount/hire/recommend-1/looking for/second hand/order-2/market price/brand/purchase"
        "/bought+3/ordered/ordering/seller/buyer/customers complaint/shop owner/stall+6/bargain/bargaining/coupon/promotion/offer/offers/free/fees"
        "/charge for/rate/rates/interest/mortgage/stocks/funds/invoice/warranty/quality/fake goods/expired food/stale/menu/restaurant/meal/dinner/lunch"
        "/breakfast/recipe/cooking-2/bake/flavor/taste/coffee-1/tea-3/beer/wine/hiring/job+1/jobs/vacancy/resume/interview/part time/babysitter/nanny/tutor"
        "/plumber/handyman/mover/taxi/bus ticket/train ticket/ticket price/timetable"),
    Clues("ordinary turns", None, (-1, -2, -3),
        "for-2/do+4/this-3/that-2/no-2/not-1/need+4/needs-4/get-1/gets/can/be-3/about-1/so-2/it+1/new-3/old/day-2/there/at-2/the/a/an+1/put/one+2/wrong-1"
        "/too-5/very-2/really+3/any-2/some of/more-1/less/than/as/or/but-3/because-6/also/like-1/your-3/you-3/them all/these/those/here in/us all/use/used"
        "/using+3/work-2/works-4/working/line/number-2/area/time-1/times+4/place-3/people here/which bus-3/engines-3/share my screen with my"
        "/how do i share-7/good-3/days/asking-1/group-3/the clinic-1/aid-4/killing-1/is the-1/about a-3/i get-1/got out-3/built-2/since they-2/made+6/make-3"
        "/still talks-3/two years ago-3/forms-6/banned-7"),
    Clues("collapse and flood", None, (5, 4, 0),
        "dike+3/dyke/through the wall+2/wardrobe+2"),
)  # fmt: skip
